import assert from 'node:assert/strict';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { afterEach, describe, test } from 'node:test';
import tls from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { selfSigned, type IngressSketch, type WorldSketch } from '../../routes/testing/world.ts';
import { makeAuthority } from './authority.ts';
import { services, useLab } from './engine-suite.ts';
import { EngineLab, type StartEngine } from './engine-lab.ts';

const only = (
  service: string,
  annotations: Record<string, string> = {},
  other: Partial<IngressSketch> = {},
): { ingresses: IngressSketch[] } => ({
  ingresses: [{ name: 'one', paths: { 'foo.com/': service }, annotations, ...other }],
});

/** What every engine speaks, and what it refuses. */
export function protocolSuite(name: string, start: StartEngine): void {
  describe(`${name}: protocols`, () => {
    const lab = useLab(start);
    const apply = (sketch: WorldSketch): Promise<void> => lab().apply({ services, ...sketch });
    afterEach(() => apply({ ingresses: [] }));

    test('TLS: the certificate by name, rotated live; the fallback for the rest; nothing below 1.2', async () => {
      const peer = async (
        servername: string,
        options: tls.ConnectionOptions = {},
      ): Promise<string> => {
        const socket = tls.connect({
          socket: lab().connect(443),
          servername,
          rejectUnauthorized: false,
          ...options,
        });
        await new Promise((go, fail) => socket.once('secureConnect', go).once('error', fail));
        const { subjectaltname = '' } = socket.getPeerCertificate();
        socket.destroy();
        return subjectaltname;
      };
      const world = (secret: Record<string, string>): WorldSketch => ({
        ...only(
          'web',
          {},
          {
            paths: { 'foo.com/': 'web', '*.bar.com/': 'web' },
            tls: [{ hosts: ['foo.com', '*.bar.com'], secretName: 's' }],
          },
        ),
        secrets: { s: secret },
      });
      await apply(world(selfSigned('foo.com', '*.bar.com')));
      assert.equal(await peer('foo.com'), 'DNS:foo.com, DNS:*.bar.com');
      assert.equal(await peer('a.bar.com'), 'DNS:foo.com, DNS:*.bar.com');
      assert.equal(await peer('other.com'), 'DNS:ingress.local');
      await apply(world(selfSigned('foo.com', 'rotated')));
      assert.equal(await peer('foo.com'), 'DNS:foo.com, DNS:rotated');
      await apply(world({ 'tls.crt': 'broken', 'tls.key': 'broken' }));
      assert.equal(await peer('foo.com'), 'DNS:ingress.local');
      const old = {
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      } as const;
      await assert.rejects(peer('foo.com', old));
    });

    test('client certificates: needed by one site, not asked for by others', async () => {
      const authority = makeAuthority();
      const stranger = makeAuthority();
      await apply({
        ingresses: [
          {
            name: 'closed',
            paths: { 'foo.com/': 'web' },
            annotations: {
              'auth-tls-secret': 'ca',
              'auth-tls-pass-certificate-to-upstream': 'true',
            },
          },
          { name: 'open', paths: { 'open.com/': 'web' } },
        ],
        secrets: { ca: { 'ca.crt': authority.certificate } },
      });
      const seen = await lab().seenBy('https://foo.com/', { tls: authority.issue('alice') });
      assert.equal(seen.headers['ssl-client-verify'], 'SUCCESS');
      assert.equal(seen.headers['ssl-client-subject-dn'], 'CN=alice');
      assert.match(String(seen.headers['ssl-client-cert']), /^-----BEGIN%20CERTIFICATE/u);
      assert.equal((await lab().ask('https://foo.com/')).status, 400);
      assert.equal(
        (await lab().ask('https://foo.com/', { tls: stranger.issue('mallory') })).status,
        400,
      );
      assert.equal((await lab().ask('http://foo.com/')).status, 403);
      const forged = { 'ssl-client-verify': 'SUCCESS' };
      const open = await lab().seenBy('https://open.com/', { headers: forged });
      assert.equal(open.headers['ssl-client-verify'], undefined);
    });

    test('ssl-passthrough: TLS goes unopened to the backend, beside other sites', async () => {
      const made = selfSigned('foo.com', 'backend');
      const backend = https.createServer(
        { cert: made['tls.crt'], key: made['tls.key'] },
        (_request, response) => response.end('from within'),
      );
      await lab().serve(backend, '127.1.0.30');
      await apply({
        services: { ...services, sealed: { ips: ['127.1.0.30'] } },
        ingresses: [
          {
            name: 'one',
            paths: { 'foo.com/': 'sealed' },
            annotations: { 'ssl-passthrough': 'true' },
          },
          { name: 'two', paths: { 'bar.com/': 'web' } },
        ],
      });
      assert.equal((await lab().ask('https://foo.com/')).body, 'from within');
      assert.equal((await lab().seenBy('https://bar.com/')).service, 'web');
    });

    test('HTTP/2 by ALPN, many streams on one connection', async () => {
      await apply(only('web'));
      const session = await lab().http2('foo.com');
      const ask = async (path: string): Promise<string> => {
        const stream = session.request({ ':path': path, ':authority': 'foo.com' });
        const chunks: Buffer[] = [];
        for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
        return (JSON.parse(Buffer.concat(chunks).toString()) as { target: string }).target;
      };
      const paths = Array.from({ length: 30 }, (_, at) => `/${at}`);
      assert.deepEqual(await Promise.all(paths.map(ask)), paths);
      session.close();
    });

    test('gRPC: h2c to the upstream, both ways at once, trailers at the end', async () => {
      const server = http2.createServer();
      server.on('stream', (stream, headers) => {
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc' },
          { waitForTrailers: true },
        );
        stream.on('wantTrailers', () =>
          stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': String(headers['te']) }),
        );
        stream.on('data', (chunk: Buffer) => stream.write(`echo ${chunk.toString()}`));
        stream.on('end', () => stream.end());
      });
      await lab().serve(server as unknown as net.Server, '127.1.0.31');
      await apply({
        services: { rpc: { ips: ['127.1.0.31'] } },
        ...only('rpc', { 'backend-protocol': 'GRPC' }),
      });
      const session = await lab().http2('foo.com');
      const stream = session.request({
        ':method': 'POST',
        ':path': '/pkg.Service/Method',
        ':authority': 'foo.com',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      const trailers = Promise.withResolvers<http2.IncomingHttpHeaders>();
      stream.once('trailers', trailers.resolve);
      stream.once('error', trailers.reject);
      const heard = (): Promise<string> =>
        new Promise((go) => stream.once('data', (chunk: Buffer) => go(chunk.toString())));
      stream.write('one');
      assert.equal(await heard(), 'echo one');
      stream.write('two');
      assert.equal(await heard(), 'echo two');
      stream.end();
      stream.resume();
      const { 'grpc-status': status, 'grpc-message': te } = await trailers.promise;
      assert.deepEqual([status, te], ['0', 'trailers']);
      session.close();
    });

    test('https to the upstream, checked when asked for', async () => {
      const made = selfSigned('inner.com');
      const secure = https.createServer(
        { cert: made['tls.crt'], key: made['tls.key'] },
        (_request, response) => response.end('secret'),
      );
      await lab().serve(secure, '127.1.0.32');
      const sketch = (
        annotations: Record<string, string>,
        secrets: WorldSketch['secrets'] = {},
      ): WorldSketch => ({
        services: { sealed: { ips: ['127.1.0.32'] } },
        ...only('sealed', { 'backend-protocol': 'HTTPS', ...annotations }),
        secrets,
      });
      await apply(sketch({}));
      assert.equal((await lab().ask('http://foo.com/')).body, 'secret');
      await apply(sketch({ 'proxy-ssl-verify': 'on' }));
      assert.equal((await lab().ask('http://foo.com/')).status, 502);
      const checked = {
        'proxy-ssl-verify': 'on',
        'proxy-ssl-secret': 'ca',
        'proxy-ssl-name': 'inner.com',
      };
      await apply(sketch(checked, { ca: { 'ca.crt': made['tls.crt'] } }));
      assert.equal((await lab().ask('http://foo.com/')).body, 'secret');
    });

    test('WebSockets stay open while routes and endpoints change', async () => {
      const server = net.createServer();
      const { createServer } = await import('node:http');
      const web = createServer();
      const sockets = new WebSocketServer({ server: web });
      sockets.on('connection', (socket, request) => {
        socket.on('message', (text) => socket.send(`${request.url} ${String(text)}`));
      });
      server.close();
      await lab().serve(web, '127.1.0.33');
      const sketch: WorldSketch = { services: { chat: { ips: ['127.1.0.33'] } }, ...only('chat') };
      await apply(sketch);
      const client = new WebSocket('ws://foo.com/room?n=1', {
        createConnection: () => lab().connect(80),
      });
      await new Promise((go, fail) => client.once('open', go).once('error', fail));
      const say = (text: string): Promise<string> =>
        new Promise((go) => {
          client.once('message', (answer) => go(String(answer)));
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

    const smuggled: Readonly<Record<string, string>> = {
      'both lengths':
        'POST / HTTP/1.1\r\nHost: foo.com\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX',
      'two lengths':
        'POST / HTTP/1.1\r\nHost: foo.com\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      'strange encoding':
        'POST / HTTP/1.1\r\nHost: foo.com\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      'obscured encoding':
        'POST / HTTP/1.1\r\nHost: foo.com\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
      'two hosts': 'GET / HTTP/1.1\r\nHost: foo.com\r\nHost: bar.com\r\n\r\n',
      'no host': 'GET / HTTP/1.1\r\n\r\n',
      'a host that is none': 'GET / HTTP/1.1\r\nHost: foo.com/x?\r\n\r\n',
      'folded header': 'GET / HTTP/1.1\r\nHost: foo.com\r\nX-A: b\r\n c\r\n\r\n',
      garbage: '\u0016\u0003\u0001garbage\r\n\r\n',
      'bad chunk size':
        'POST / HTTP/1.1\r\nHost: foo.com\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n',
      'control character in target': 'GET /a\u0000b HTTP/1.1\r\nHost: foo.com\r\n\r\n',
    };
    for (const [what, bytes] of Object.entries(smuggled)) {
      test(`refuses ${what}, and goes on`, async () => {
        await apply(only('web'));
        const answer = await lab().raw(bytes);
        assert.match(answer, /^HTTP\/1\.1 400 |^$/u);
        assert.deepEqual(lab().seen, []);
        assert.equal((await lab().seenBy('http://foo.com/after')).target, '/after');
      });
    }

    test('clients cannot speak for the proxy', async () => {
      await apply(only('web'));
      const forged = {
        'x-forwarded-for': '10.9.9.9',
        'x-real-ip': '10.9.9.9',
        'x-forwarded-proto': 'https',
        connection: 'close, x-secret',
        'x-secret': '1',
      };
      const { headers } = await lab().seenBy('http://foo.com/', { headers: forged });
      assert.equal(headers['x-forwarded-for'], '127.0.0.1');
      assert.equal(headers['x-real-ip'], '127.0.0.1');
      assert.equal(headers['x-forwarded-proto'], 'http');
      assert.equal(headers['x-original-forwarded-for'], '10.9.9.9');
      assert.equal(headers['x-secret'], undefined);
    });

    test('an endpoint that refuses is passed over, also by a POST whose body nobody has read', async () => {
      const sketch = { ...only('half'), services: { half: { ips: ['127.1.0.99', '127.1.0.1'] } } };
      await apply(sketch);
      for (let sent = 0; sent < 6; sent += 1) {
        const body = sent % 2 === 0 ? undefined : 'words';
        const method = sent % 2 === 0 ? 'GET' : 'POST';
        assert.equal((await lab().ask('http://foo.com/', { method, body })).status, 200);
      }
      await apply({ ...sketch, services: { half: { ips: ['127.1.0.98', '127.1.0.99'] } } });
      assert.equal((await lab().ask('http://foo.com/')).status, 502);
    });

    test('an upstream that hangs up in the middle of nothing: GET again, POST not', async () => {
      let asked = 0;
      const rude = net.createServer((socket) => {
        asked += 1;
        socket.once('data', () => socket.destroy());
        socket.on('error', () => {});
      });
      await lab().serve(rude, '127.1.0.35');
      await apply({ ...only('rude'), services: { rude: { ips: ['127.1.0.35', '127.1.0.35'] } } });
      assert.equal((await lab().ask('http://foo.com/')).status, 502);
      assert.ok(asked > 1);
      asked = 0;
      assert.equal((await lab().ask('http://foo.com/', { method: 'POST', body: 'x' })).status, 502);
      assert.equal(asked, 1);
    });

    test('proxy-read-timeout: 504', async () => {
      await lab().upstream('mute', '127.1.0.36', () => {});
      await apply({
        ...only('mute', { 'proxy-read-timeout': '1', 'proxy-next-upstream': 'off' }),
        services: { mute: { ips: ['127.1.0.36'] } },
      });
      assert.equal((await lab().ask('http://foo.com/')).status, 504);
    });

    test('an answer that breaks off is seen to be broken', async () => {
      await lab().upstream('cut', '127.1.0.37', (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.destroy());
      });
      await apply({ ...only('cut'), services: { cut: { ips: ['127.1.0.37'] } } });
      await assert.rejects(lab().ask('http://foo.com/'), { code: 'ECONNRESET' });
    });

    test('kept-alive connections of clients live through new tables', async () => {
      await apply(only('web'));
      const agent = lab().agent();
      const { request } = await import('node:http');
      const ask = (): Promise<number | undefined> =>
        new Promise((go, fail) => {
          const asked = request(
            { agent, host: '127.0.0.1', headers: { host: 'foo.com' } },
            (response) => {
              response.resume().once('end', () => go(asked.socket?.localPort));
            },
          );
          asked.once('error', fail).end();
        });
      const port = await ask();
      for (let round = 0; round < 5; round += 1) {
        await apply(only(round % 2 === 0 ? 'api' : 'web'));
        assert.equal(await ask(), port);
      }
    });

    test('the PROXY protocol names the client, in both versions', async () => {
      const own = new EngineLab();
      try {
        await own.upstream('web', '127.1.0.1');
        await own.start(start, true);
        await own.apply({ services, ...only('web') });
        const request = 'GET / HTTP/1.1\r\nHost: foo.com\r\nConnection: close\r\n\r\n';
        const v1 = await own.raw(`PROXY TCP4 10.1.2.3 10.0.0.1 1234 80\r\n${request}`);
        assert.match(v1, /"x-real-ip":"10\.1\.2\.3"/u);
        const v2 =
          '\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\x0a\x04\x05\x06\x0a\x00\x00\x01\x04\xd2\x00\x50';
        assert.match(await own.raw(v2 + request), /"x-real-ip":"10\.4\.5\.6"/u);
        assert.equal(await own.raw(request).catch(() => ''), '');
      } finally {
        await own.stop();
      }
    });
  });
}
