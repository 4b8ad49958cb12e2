import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { plainServer } from './http-servers.ts';

test('a head that does not come to its end is not waited for, although the server listens nowhere', async (context) => {
  const server = plainServer({ onRequest: () => {}, onUpgrade: () => {} });
  server.headersTimeout = 1;
  const door = createServer((socket) => server.emit('connection', socket)).listen(0, '127.0.0.1');
  context.after(() => door.close());
  await once(door, 'listening');
  const client = connect((door.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: foo.com\r\nX-A: ');
  assert.match(await text(client), /^HTTP\/1\.1 408 /u);
});
