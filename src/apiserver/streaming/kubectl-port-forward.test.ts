import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import type { ChildProcess } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { handleUpgrade } from './handle-upgrade.ts';
import {
  closeSession,
  type Kubectl,
  kubectls,
  openSession,
  type Session,
  startKubectl,
  waitFor,
} from './testing/kubectl.ts';
import { type LocalApi, startLocalApi } from './testing/local-api.ts';
import { LocalNode } from './testing/local-node.ts';

const content = randomBytes(12_000_000);

/** Answers with the content; `/slow` answers nothing until the client goes. */
const web = createServer((request, response) => {
  if (request.url !== '/slow') {
    response.end(content);
  }
});

/** Gives back what it was sent, but only after the client has ended its side. */
const echo = createTcpServer({ allowHalfOpen: true }, (socket) => {
  void buffer(socket).then((all) => socket.end(all));
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Of the service `discard`: nobody listens there, and no system gives it out, to kubectl's own end neither. */
const closed = 9;

async function fetchContent(port: number): Promise<Buffer> {
  const request = get({ host: '127.0.0.1', port, agent: false });
  const [response] = await once(request, 'response');
  return buffer(response);
}

before(async () => {
  await Promise.all([listen(web), listen(echo)]);
});
after(() => {
  web.close();
  web.closeAllConnections();
  echo.close();
});

for (const kubectl of kubectls) {
  const name = `port-forward through ${kubectl.name}`;
  describe(name, { skip: kubectl.skip }, () => testPortForward(kubectl));
}

function testPortForward(kubectl: Kubectl): void {
  let api: LocalApi;
  let session: Session;
  let client: ReturnType<typeof startKubectl> | undefined;

  before(async () => {
    api = await startLocalApi(new LocalNode(), handleUpgrade);
    session = openSession(kubectl, api.url);
  });
  after(async () => {
    await stop(client);
    await api.close();
    closeSession(session);
  });

  async function forward(port: number): Promise<number> {
    await stop(client);
    client = startKubectl(session, ['port-forward', 'pod/web', `:${port}`]);
    const [, local] = await waitFor(client.stdout, /127\.0\.0\.1:(\d+) ->/);
    return Number(local);
  }

  test('carries large answers over parallel connections', async () => {
    const port = await forward(portOf(web));
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => fetchContent(port)));
    assert.ok(answers.every((answer) => answer.equals(content)));
    assert.deepEqual([...api.protocols], [kubectl.protocol]);
  });

  test('keeps connections apart: one that stands still holds up no other', async () => {
    const port = await forward(portOf(web));
    const slow = get({ host: '127.0.0.1', port, path: '/slow', agent: false });
    slow.on('error', () => undefined);
    assert.ok((await fetchContent(port)).equals(content));
    slow.destroy();
    assert.ok((await fetchContent(port)).equals(content));
  });

  test('keeps half-closed connections half open', async () => {
    const port = await forward(portOf(echo));
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.end(content);
    assert.ok((await buffer(socket)).equals(content));
  });

  test('tells the client why a port cannot be reached', async () => {
    const port = await forward(closed);
    assert.ok(client !== undefined);
    const told = waitFor(
      client.stderr,
      /error forwarding port (\d+) to pod default\/web, uid : .*/,
    );
    connect({ host: '127.0.0.1', port }).on('error', () => undefined);
    const [text, number] = await told;
    assert.equal(Number(number), closed);
    assert.match(text, /ECONNREFUSED/);
  });

  test('leaves no upgrade behind', async () => {
    await stop(client);
    await Promise.all(api.open);
    assert.equal(api.open.size, 0);
  });
}

async function stop(client: ChildProcess | undefined): Promise<void> {
  if (client !== undefined && client.exitCode === null && client.signalCode === null) {
    client.kill();
    await once(client, 'close');
  }
}
