import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { handleUpgrade } from './handle-upgrade.ts';
import { type LocalApi, startLocalApi } from './testing/local-api.ts';
import { LocalNode } from './testing/local-node.ts';

const node = new LocalNode();
let api: LocalApi;

before(async () => {
  api = await startLocalApi(node, handleUpgrade);
});
after(() => api.close());

function urlOf(kind: string, query: string): string {
  return `${api.url.replace('http', 'ws')}/api/v1/namespaces/default/pods/web/${kind}?${query}`;
}

function execUrl(
  command: readonly string[],
  streams = 'stdin=true&stdout=true&stderr=true',
): string {
  return urlOf(
    'exec',
    `${streams}&${command.map((word) => `command=${encodeURIComponent(word)}`).join('&')}`,
  );
}

/** Collects every message until the server has closed the connection. */
async function conversation(socket: WebSocket): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  socket.on('message', (data) => messages.push(data as Buffer));
  await once(socket, 'close');
  return messages;
}

function channel(messages: readonly Buffer[], number: number): string {
  const parts = messages.filter((message) => message[0] === number);
  return Buffer.concat(parts.map((message) => message.subarray(1))).toString();
}

/** What a refused upgrade is answered with. */
async function refusal(url: string, protocol?: string): Promise<{ code: number; message: string }> {
  const socket = new WebSocket(url, protocol);
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const status = JSON.parse(await text(response)) as { code: number; message: string };
  assert.equal(response.statusCode, status.code);
  return status;
}

test('v5: the client closes its input and gets output, status and a clean close', async () => {
  const socket = new WebSocket(
    execUrl(['sh', '-c', 'cat; echo end >&2; exit 7']),
    'v5.channel.k8s.io',
  );
  socket.on('open', () => {
    socket.send(Buffer.from('\0to and fro'));
    socket.send(Buffer.from([255, 0]));
  });
  const closed = once(socket, 'close');
  const messages = await conversation(socket);
  assert.deepEqual((await closed)[0], 1000);
  assert.deepEqual(messages[0], Buffer.from([1]));
  assert.equal(channel(messages, 1), 'to and fro');
  assert.equal(channel(messages, 2), 'end\n');
  assert.deepEqual(JSON.parse(channel(messages, 3)), {
    metadata: {},
    status: 'Failure',
    message: 'command terminated with non-zero exit code: exit status 7',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '7' }] },
  });
});

test('v4: success is a status too', async () => {
  const messages = await conversation(
    new WebSocket(execUrl(['echo', 'hi'], 'stdout=true'), 'v4.channel.k8s.io'),
  );
  assert.equal(channel(messages, 1), 'hi\n');
  assert.deepEqual(JSON.parse(channel(messages, 3)), { metadata: {}, status: 'Success' });
});

test('base64: messages are text, both ways', async () => {
  const socket = new WebSocket(execUrl(['head', '-c', '3']), 'base64.channel.k8s.io');
  socket.on('open', () => socket.send(`0${Buffer.from('abcdef').toString('base64')}`));
  const messages = await conversation(socket);
  const output = messages.map(String).filter((message) => message.startsWith('1'));
  assert.deepEqual(output, ['1', `1${Buffer.from('abc').toString('base64')}`]);
});

test('no subprotocol: binary channels; the error channel speaks only of failures', async () => {
  const good = await conversation(new WebSocket(execUrl(['echo', 'hi'])));
  assert.equal(channel(good, 1), 'hi\n');
  assert.equal(channel(good, 3), '');
  const bad = await conversation(new WebSocket(execUrl(['false'])));
  assert.equal(channel(bad, 3), 'command terminated with non-zero exit code: exit status 1');
});

test('what comes after the end of a channel, or on channels that are not, is ignored', async () => {
  const socket = new WebSocket(execUrl(['cat']), 'v5.channel.k8s.io');
  socket.on('open', () => {
    socket.send(Buffer.alloc(0));
    socket.send(Buffer.from('\u0009unknown'));
    socket.send(Buffer.from('\0first'));
    for (const channelNumber of [9, 0, 0, 255]) {
      socket.send(Buffer.from([255, channelNumber]));
    }
    socket.send(Buffer.from([255]));
    socket.send(Buffer.from('\0late'));
  });
  assert.equal(channel(await conversation(socket), 1), 'first');
});

test('input that the command does not read stops the client, and its leaving is seen', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const next = node.nextCommand();
  const socket = new WebSocket(execUrl(['sleep', '1000']), 'v5.channel.k8s.io');
  await once(socket, 'open');
  const command = await next;
  const ended = once(command, 'close');
  const megabyte = Buffer.alloc(1_000_000);
  let sent = 0;
  // Until the kernel's buffers are full too: then the bytes stay here.
  while (socket.bufferedAmount < megabyte.length * 2) {
    socket.send(megabyte);
    sent += 1;
    await new Promise(setImmediate);
  }
  assert.ok(sent < 64, `${sent} MB were taken`);
  socket.terminate();
  // Nothing is read, so it takes a heartbeat to provoke the client's reset and one more to meet it.
  while (command.signalCode === null) {
    t.mock.timers.tick(5000);
    await new Promise(setImmediate);
  }
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('refuses unknown subprotocols, bad queries and plain requests with a Status', async () => {
  const unknown = await refusal(execUrl(['true']), 'v9.channel.k8s.io');
  assert.equal(unknown.code, 403);
  assert.match(unknown.message, /^unable to upgrade: .* client supports \[v9\.channel\.k8s\.io\]/);
  assert.deepEqual((await refusal(urlOf('exec', 'stdout=true'))).code, 400);
  assert.equal((await refusal(urlOf('portforward', 'ports=80'), 'v4.channel.k8s.io')).code, 403);
  const request = get(execUrl(['true']).replace('ws', 'http'), {
    headers: { connection: 'upgrade', upgrade: 'gopher' },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 400);
  assert.match(await text(response), /Upgrade request required/);
});

test('a request that is no proper WebSocket handshake ends', async () => {
  const request = get(execUrl(['true']).replace('ws', 'http'), {
    headers: { connection: 'upgrade', upgrade: 'websocket' },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 400);
  response.resume();
  await Promise.all(api.open);
});
