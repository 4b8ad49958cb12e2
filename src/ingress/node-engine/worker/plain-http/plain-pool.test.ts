import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Dispatcher } from 'undici';
import type { PlainPlace } from './plain-connection.ts';
import { PlainPool } from './plain-pool.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

interface Site {
  readonly pool: PlainPool;
  /** Connections that the upstream has had. */
  readonly sockets: Socket[];
  /** What each request said. */
  readonly heard: string[];
}

/** A pool that leads to a server which says this to every request. */
async function open(
  context: TestContext,
  answer: (socket: Socket, at: number) => void,
  place: Partial<PlainPlace> = {},
): Promise<Site> {
  const sockets: Socket[] = [];
  const heard: string[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard.push(text);
      answer(socket, heard.length);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = new PlainPool({ host: '127.0.0.1', port, connectMs: 5000, readMs: 5000, ...place });
  context.after(() => {
    pool.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { pool, sockets, heard };
}

/** The body of an answer. @throws what the handler is told */
function ask(
  { pool }: Site,
  headers: readonly string[] = ['Host', 'a.com'],
  meanwhile?: (controller: Dispatcher.DispatchController) => void,
): Promise<string> {
  return new Promise((go, fail) => {
    let body = '';
    const handler: Dispatcher.DispatchHandler = {
      onResponseData: (controller, piece) => {
        body += piece.toString('latin1');
        meanwhile?.(controller);
      },
      onResponseEnd: () => go(body),
      onResponseError: (_controller, error) => fail(error),
    };
    pool.dispatch({ path: '/x?y', headers }, handler);
  });
}

test('requests follow one another on a connection', async (context) => {
  const site = await open(context, (socket) => socket.write(OK));
  for (let round = 0; round < 3; round += 1) assert.equal(await ask(site), 'ok');
  assert.equal(site.sockets.length, 1);
  assert.equal(site.heard[0], 'GET /x?y HTTP/1.1\r\nHost: a.com\r\nConnection: keep-alive\r\n\r\n');
});

test('requests at once have a connection each', async (context) => {
  const site = await open(context, (socket) => socket.write(OK));
  assert.deepEqual(await Promise.all([ask(site), ask(site), ask(site)]), ['ok', 'ok', 'ok']);
  assert.equal(site.sockets.length, 3);
});

test('more than one answer to one request: the rest reaches nobody', async (context) => {
  const site = await open(context, (socket) => socket.write(`${OK}${OK.replace('ok', 'no')}`));
  assert.deepEqual([await ask(site), await ask(site)], ['ok', 'ok']);
  assert.equal(site.sockets.length, 2);
});

test('an answer that comes before it is asked for reaches nobody', async (context) => {
  const site = await open(context, (socket, at) => socket.write(OK.replace('ok', `o${at}`)));
  assert.equal(await ask(site), 'o1');
  const [first] = site.sockets;
  first?.write(OK.replace('ok', 'no'));
  if (first !== undefined) await once(first, 'close');
  assert.equal(await ask(site), 'o2');
});

test('headers and paths cannot begin others', async (context) => {
  const site = await open(context, (socket) => socket.write(OK));
  await assert.rejects(ask(site, ['X-A', '1\r\nX-B: 2']), /X-A has a value that is none/u);
  assert.throws(() => site.pool.dispatch({ path: '/ HTTP/1.1\r\nX: y', headers: [] }, {}), /path/u);
  assert.equal(site.heard.length, 0);
});

test('a connection that the upstream closes as it is asked again: the request goes over a new one', async (context) => {
  for (const end of ['destroy', 'resetAndDestroy', 'end'] as const) {
    const site = await open(context, (socket) => {
      // The second request of a connection finds it closed.
      if (socket.bytesWritten > 0) socket[end]();
      else socket.write(OK);
    });
    for (let round = 0; round < 3; round += 1) assert.equal(await ask(site), 'ok', end);
    assert.equal(site.sockets.length, 3);
    assert.equal(site.heard.length, 5);
  }
});

test('an answer that has begun is not asked for again', async (context) => {
  const site = await open(context, (socket, at) => {
    if (at === 1) socket.write(OK);
    else socket.end(OK.slice(0, 5));
  });
  assert.equal(await ask(site), 'ok');
  await assert.rejects(ask(site), { code: 'UPSTREAM_CLOSED' });
  assert.equal(site.heard.length, 2);
});

test('errors say what became of the upstream', async (context) => {
  const silent = await open(context, () => {}, { readMs: 20 });
  await assert.rejects(ask(silent), { code: 'UPSTREAM_TIMEOUT' });
  const rude = await open(context, (socket) => socket.end(OK.slice(0, -1)));
  await assert.rejects(ask(rude), { code: 'UPSTREAM_CLOSED' });
  const nobody = { ...silent, pool: new PlainPool({ ...gone, connectMs: 5000, readMs: 5000 }) };
  await assert.rejects(ask(nobody), { code: 'ECONNREFUSED' });
});

/** Port 1 is tcpmux, which nothing answers. */
const gone = { host: '127.0.0.1', port: 1 };

test('abort ends the connection; afterwards it concerns nobody', async (context) => {
  const site = await open(context, (socket) => socket.write(OK));
  let kept: Dispatcher.DispatchController | undefined;
  assert.equal(await ask(site, [], (controller) => (kept = controller)), 'ok');
  kept?.abort(new Error('too late'));
  kept?.pause();
  assert.equal(await ask(site), 'ok');
  assert.equal(site.sockets.length, 1);
  const reason = new Error('enough');
  await assert.rejects(
    ask(site, [], (controller) => controller.abort(reason)),
    reason,
  );
});

test('a client that is slow is waited for, however long', async (context) => {
  const piece = 'x'.repeat(100_000);
  const text = `HTTP/1.1 200 OK\r\nContent-Length: ${20 * piece.length}\r\n\r\n${piece.repeat(20)}`;
  const site = await open(context, (socket) => socket.write(text), { readMs: 50 });
  const silent = await open(context, () => {}, { readMs: 50 });
  let pauses = 0;
  const body = await ask(site, [], (controller) => {
    if (pauses === 1 || controller.paused) return;
    pauses += 1;
    controller.pause();
    // Somebody with the same limit who began to wait later gives up first.
    assert.rejects(ask(silent), { code: 'UPSTREAM_TIMEOUT' }).finally(() => controller.resume());
  });
  assert.equal(body.length, 20 * piece.length);
  assert.equal(await ask(site).then(({ length }) => length), body.length);
  assert.equal(site.sockets.length, 1);
});

test('closing lets what is under way end, and keeps nothing', async (context) => {
  const site = await open(context, (socket, at) => {
    if (at > 1) socket.write(OK);
  });
  const [first] = [ask(site)];
  while (site.heard.length === 0) await new Promise((go) => setImmediate(go));
  site.pool.close();
  site.sockets[0]?.write(OK);
  assert.equal(await first, 'ok');
  const [socket] = site.sockets;
  if (socket !== undefined && !socket.destroyed) await once(socket, 'close');
});
