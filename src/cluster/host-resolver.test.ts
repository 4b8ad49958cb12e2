import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResolvConf } from './host-resolver.ts';

test('reads servers and the last search of resolv.conf', () => {
  const text = `# a comment
nameserver 192.0.2.1
  nameserver   2001:db8::1
search old.example
search corp.example  example
options ndots:2
nameserver
`;
  assert.deepEqual(parseResolvConf(text), {
    servers: ['192.0.2.1', '2001:db8::1'],
    search: ['corp.example', 'example'],
  });
  assert.deepEqual(parseResolvConf(''), { servers: [], search: [] });
});
