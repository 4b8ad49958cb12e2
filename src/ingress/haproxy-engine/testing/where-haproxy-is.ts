import { test } from 'node:test';
import { findHaproxy } from '../find-haproxy.ts';

/** Tests that need HAProxy; set-up unpacks Debian's for them. */
export function whereHaproxyIs(suite: () => void): void {
  if (findHaproxy() !== undefined) suite();
  else test('haproxy engine', { skip: 'there is no haproxy on the PATH, nor PORTOLAN_HAPROXY' });
}
