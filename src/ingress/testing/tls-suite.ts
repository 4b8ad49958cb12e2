import assert from 'node:assert/strict';
import http2 from 'node:http2';
import https from 'node:https';
import { afterEach, describe, test } from 'node:test';
import tls from 'node:tls';
import { selfSigned, type IngressSketch, type WorldSketch } from '../../routes/testing/world.ts';
import { makeAuthority } from './authority.ts';
import { only, services, useLab } from './engine-suite.ts';
import type { StartEngine } from './engine-lab.ts';

/** What every engine does with TLS and HTTP/2, on both sides. */
export function tlsSuite(name: string, start: StartEngine): void {
  describe(`${name}: TLS`, () => {
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

    test('a certificate that one host trusts is none for another host', async () => {
      const [ours, theirs] = [makeAuthority(), makeAuthority()];
      const closed = (name: string, ca: string): IngressSketch => ({
        name,
        paths: { [`${name}.com/`]: 'web' },
        annotations: { 'auth-tls-secret': ca },
      });
      await apply({
        ingresses: [closed('ours', 'ca1'), closed('theirs', 'ca2')],
        secrets: { ca1: { 'ca.crt': ours.certificate }, ca2: { 'ca.crt': theirs.certificate } },
      });
      const options = { tls: ours.issue('alice'), headers: { host: 'theirs.com' } };
      assert.equal((await lab().ask('https://ours.com/', options)).status, 421);
      const own = await lab().ask('https://ours.com/', { tls: ours.issue('alice') });
      assert.equal(own.status, 200);
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
      await lab().serve(server, '127.1.0.31');
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
  });
}
