import assert from 'node:assert/strict';
import { test } from 'node:test';
import { row } from '../testing/kind-checks.ts';
import { serviceAccountKind } from './service-account.ts';

test('ServiceAccount shows how many secrets it names', () => {
  assert.equal(row(serviceAccountKind, {}), '0');
});
