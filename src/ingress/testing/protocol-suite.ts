import assert from 'node:assert/strict';
import http from 'node:http';
import { afterEach, describe, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import type { WorldSketch } from '../../routes/testing/world.ts';
import { only, services, useLab } from './engine-suite.ts';
import type { StartEngine } from './engine-lab.ts';

/** What every engine speaks in clear. */
export function protocolSuite(name: string, start: StartEngine): void {
  describe(`${name}: protocols`, () => {
    const lab = useLab(start);
    const apply = (sketch: WorldSketch): Promise<void> => lab().apply({ services, ...sketch });
    afterEach(() => apply({ ingresses: [] }));

    test('WebSockets stay open while routes and endpoints change', async () => {
      const web = http.createServer();
      const sockets = new WebSocketServer({ server: web });
      sockets.on('connection', (socket, request) => {
        socket.on('message', (text: Buffer) => socket.send(`${request.url} ${text.toString()}`));
      });
      await lab().serve(web, '127.1.0.33');
      const sketch: WorldSketch = { services: { chat: { ips: ['127.1.0.33'] } }, ...only('chat') };
      await apply(sketch);
      const client = new WebSocket('ws://foo.com/room?n=1', {
        createConnection: () => lab().connect(80),
      });
      await new Promise((go, fail) => client.once('open', go).once('error', fail));
      const say = (text: string): Promise<string> =>
        new Promise((go) => {
          client.once('message', (answer: Buffer) => go(answer.toString()));
          client.send(text);
        });
      assert.equal(await say('hi'), '/room?n=1 hi');
      for (let round = 0; round < 10; round += 1) {
        await apply({
          ...sketch,
          ingresses: [
            ...(sketch.ingresses ?? []),
            { name: `n${round}`, paths: { 'x.com/': 'chat' } },
          ],
        });
        assert.equal(await say(`round ${round}`), `/room?n=1 round ${round}`);
      }
      await apply({ ingresses: [] });
      assert.equal(await say('still'), '/room?n=1 still');
      client.terminate();
      const refused = new WebSocket('ws://foo.com/', { createConnection: () => lab().connect(80) });
      const error = await new Promise<Error>((go) => refused.once('error', go));
      assert.match(error.message, /404/u);
    });

    const upgrade = (to: string): string =>
      `GET /open HTTP/1.1\r\nHost: foo.com\r\nConnection: Upgrade\r\nUpgrade: ${to}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
    const hidden = 'GET /hidden HTTP/1.1\r\nHost: foo.com\r\nConnection: close\r\n\r\n';

    for (const protocol of ['websocket', 'h2c', 'h2c, websocket']) {
      test(`an upgrade to ${protocol} that is not taken carries no other request`, async () => {
        const targets: (string | undefined)[] = [];
        await lab().upstream(
          `flat ${protocol}`,
          `127.1.0.${40 + protocol.length}`,
          (request, response) => {
            targets.push(request.url);
            response.end('flat');
          },
        );
        await apply({
          services: { flat: { ips: [`127.1.0.${40 + protocol.length}`] } },
          ingresses: [{ name: 'one', paths: { 'foo.com/open =': 'flat' } }],
        });
        const answer = await lab().raw(upgrade(protocol) + hidden);
        assert.match(answer, /^HTTP\/1\.1 200 [^]*flat/u);
        assert.deepEqual(targets, ['/open']);
      });
    }

    test('a WebSocket counts as a request of its client only while it is open', async () => {
      const web = http.createServer();
      const sockets = new WebSocketServer({ server: web });
      await lab().serve(web, '127.1.0.38');
      await apply({
        services: { chat: { ips: ['127.1.0.38'] } },
        ...only('chat', { 'limit-connections': '1' }),
      });
      for (let round = 0; round < 3; round += 1) {
        const gone = new Promise((go) =>
          sockets.once('connection', (socket) => socket.once('close', go)),
        );
        const client = new WebSocket(`ws://foo.com/${round}`, {
          createConnection: () => lab().connect(80),
        });
        await new Promise((go, fail) => client.once('open', go).once('error', fail));
        client.close();
        await gone;
        assert.equal((await lab().recorded(`/${round}`)).status, 101);
      }
      sockets.close();
    });

    test('server-sent events arrive one by one', async () => {
      let send: (text: string) => void = () => {};
      await lab().upstream('events', '127.1.0.34', (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        send = (text) => response.write(`data: ${text}\n\n`);
        send('first');
      });
      await apply({ services: { events: { ips: ['127.1.0.34'] } }, ...only('events') });
      const socket = lab().connect(80);
      socket.write('GET / HTTP/1.1\r\nHost: foo.com\r\n\r\n');
      const until = (text: string): Promise<void> =>
        new Promise((go) => {
          const listener = (chunk: Buffer): void => {
            if (!chunk.includes(text)) return;
            socket.off('data', listener);
            go();
          };
          socket.on('data', listener);
        });
      await until('data: first');
      for (const text of ['second', 'third']) {
        const heard = until(`data: ${text}`);
        send(text);
        await heard;
      }
      socket.destroy();
    });

    test('chunked bodies both ways, and 100-continue', async () => {
      await apply(only('web'));
      async function* parts(): AsyncGenerator<Buffer> {
        for (const part of ['a', 'b', 'c']) yield Buffer.from(part);
      }
      assert.equal(
        (await lab().seenBy('http://foo.com/', { method: 'POST', body: parts() })).body,
        'abc',
      );
      const head =
        'POST / HTTP/1.1\r\nHost: foo.com\r\nConnection: close\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n';
      const socket = lab().connect(80);
      socket.write(head);
      const first = await new Promise<Buffer>((go) => socket.once('data', go));
      assert.match(first.toString(), /^HTTP\/1\.1 100/u);
      socket.write('ok');
      const chunks: Buffer[] = [];
      for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
      assert.match(Buffer.concat(chunks).toString(), /200 OK[^]*"body":"ok"/u);
    });
  });
}
