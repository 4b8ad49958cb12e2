import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { afterEach, describe, test } from 'node:test';
import type { WorldSketch } from '../../routes/testing/world.ts';
import { only, services, useLab } from './engine-suite.ts';
import { EngineLab, type StartEngine } from './engine-lab.ts';

/** What every engine refuses, and what it does when upstreams fail. */
export function failureSuite(name: string, start: StartEngine): void {
  describe(`${name}: failures`, () => {
    const lab = useLab(start);
    const apply = (sketch: WorldSketch): Promise<void> => lab().apply({ services, ...sketch });
    afterEach(() => apply({ ingresses: [] }));

    const smuggled: Readonly<Record<string, string>> = {
      'two lengths':
        'POST / HTTP/1.1\r\nHost: foo.com\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      'strange encoding':
        'POST / HTTP/1.1\r\nHost: foo.com\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      'obscured encoding':
        'POST / HTTP/1.1\r\nHost: foo.com\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
      'two hosts': 'GET / HTTP/1.1\r\nHost: foo.com\r\nHost: bar.com\r\n\r\n',
      'no host': 'GET / HTTP/1.1\r\n\r\n',
      'a host that is none': 'GET / HTTP/1.1\r\nHost: foo.com/x?\r\n\r\n',
      garbage: '\u0016\u0003\u0001garbage\r\n\r\n',
      'bad chunk size':
        'POST / HTTP/1.1\r\nHost: foo.com\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n',
      'a target of another host': 'GET http://bar.com/ HTTP/1.1\r\nHost: foo.com\r\n\r\n',
      'a fragment in a target': 'GET /a#/../b HTTP/1.1\r\nHost: foo.com\r\n\r\n',
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

    test('an expression that needs too long fails its request, and nothing else', async () => {
      await apply(only('web', { 'use-regex': 'true' }, { paths: { 'foo.com/(a+)+$ ~': 'web' } }));
      const slow = await lab().ask(`http://foo.com/${'a'.repeat(40)}!`);
      assert.equal(slow.status, 500);
      assert.equal((await lab().seenBy('http://foo.com/aa')).target, '/aa');
      assert.match(lab().logged.splice(0).join(), /needs too long/u);
    });

    test("a wildcard is nobody's name", async () => {
      await apply({ ingresses: [{ name: 'any', paths: { '*.foo.com/': 'web' } }] });
      const answer = await lab().raw('GET / HTTP/1.1\r\nHost: *.foo.com\r\n\r\n');
      assert.match(answer, /^HTTP\/1\.1 400 /u);
      assert.deepEqual(lab().seen, []);
      assert.equal((await lab().seenBy('http://a.foo.com/after')).target, '/after');
    });

    test('both lengths: refused, or read in one way by everybody (RFC 9112 section 6.3)', async () => {
      await apply(only('web'));
      const head = 'POST / HTTP/1.1\r\nHost: foo.com\r\n';
      const lengths = 'Content-Length: 46\r\nTransfer-Encoding: chunked\r\n\r\n';
      const hidden = 'GET /hidden HTTP/1.1\r\nHost: foo.com\r\n\r\n';
      await lab().raw(`${head}${lengths}0\r\n\r\n${hidden}`);
      for (const { target, headers, body } of lab().seen) {
        assert.deepEqual([target, body], ['/', '']);
        const lengths = ['content-length', 'transfer-encoding'].map((name) => headers[name]);
        assert.ok(lengths.includes(undefined));
      }
    });

    test('a folded header: refused, or made one line (RFC 9112 section 5.2)', async () => {
      await apply(only('web'));
      await lab().raw(
        'GET / HTTP/1.1\r\nHost: foo.com\r\nX-A: b\r\n X-Real-IP: c\r\nConnection: close\r\n\r\n',
      );
      for (const { headers } of lab().seen) {
        assert.match(String(headers['x-a']), /^b +X-Real-IP: c$/u);
        assert.equal(headers['x-real-ip'], '127.0.0.1');
      }
    });

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
      const ask = (): Promise<number | undefined> =>
        new Promise((go, fail) => {
          const asked = http.request(
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
