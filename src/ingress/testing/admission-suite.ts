import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { afterEach, describe, test } from 'node:test';
import type { WorldSketch } from '../../routes/testing/world.ts';
import { only, services, useLab } from './engine-suite.ts';
import type { StartEngine } from './engine-lab.ts';

/** What every engine does about annotations that say who may come. */
export function admissionSuite(name: string, start: StartEngine): void {
  describe(`${name}: who may come`, () => {
    const lab = useLab(start);
    const apply = (sketch: WorldSketch): Promise<void> => lab().apply({ services, ...sketch });
    afterEach(() => apply({ ingresses: [] }));

    test('limit-rps: what comes above rate and burst gets 503, each client apart', async () => {
      await apply(only('web', { 'limit-rps': '2', 'limit-burst-multiplier': '3' }));
      const ask = async (from: string): Promise<number> =>
        (await lab().ask('http://foo.com/', { from })).status;
      const statuses = [];
      for (let sent = 0; sent < 12; sent += 1) statuses.push(await ask('127.0.0.7'));
      const admitted = statuses.filter((status) => status === 200).length;
      assert.ok(admitted >= 6 && admitted < 12, `${admitted} of 12 were admitted`);
      assert.equal(await ask('127.0.0.8'), 200);
    });

    test('limit-connections: requests of one client at a time', async () => {
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      const { promise: bothHere, resolve: bothCame } = Promise.withResolvers<void>();
      let here = 0;
      await lab().upstream('slow', '127.1.0.20', (_request, response) => {
        here += 1;
        if (here === 2) bothCame();
        void held.then(() => response.end('done'));
      });
      await apply({
        services: { slow: { ips: ['127.1.0.20'] } },
        ingresses: [
          { name: 'one', paths: { 'foo.com/': 'slow' }, annotations: { 'limit-connections': '2' } },
        ],
      });
      const waiting = [1, 2].map(() => lab().ask('http://foo.com/wait'));
      await bothHere;
      assert.equal((await lab().ask('http://foo.com/third')).status, 503);
      release();
      assert.deepEqual(
        (await Promise.all(waiting)).map(({ status }) => status),
        [200, 200],
      );
      assert.equal((await lab().ask('http://foo.com/fourth')).status, 200);
    });

    test('address lists go by the address that connects', async () => {
      await apply(
        only('web', {
          'allowlist-source-range': '127.0.0.0/29',
          'denylist-source-range': '127.0.0.3',
        }),
      );
      const from = async (from: string): Promise<number> =>
        (await lab().ask('http://foo.com/', { from })).status;
      assert.equal(await from('127.0.0.2'), 200);
      assert.equal(await from('127.0.0.3'), 403);
      assert.equal(await from('127.0.0.9'), 403);
    });

    test('basic authentication with entries of htpasswd and crypt', async () => {
      const crypted = (...args: string[]): string =>
        execFileSync('openssl', ['passwd', ...args])
          .toString()
          .trim();
      const sha = createHash('sha1').update('sesame').digest('base64');
      const auth = [
        `apr:${crypted('-apr1', 'sesame')}`,
        `sha512:${crypted('-6', 'sesame')}`,
        `sha1:{SHA}${sha}`,
        'plain:{PLAIN}sesame',
      ].join('\n');
      await apply({
        ...only('web', { 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'Cave' }),
        secrets: { users: { auth } },
      });
      const none = await lab().ask('http://foo.com/');
      assert.equal(none.status, 401);
      assert.equal(none.headers['www-authenticate'], 'Basic realm="Cave"');
      const as = async (user: string, password: string): Promise<number> => {
        const token = Buffer.from(`${user}:${password}`).toString('base64');
        return (
          await lab().ask('http://foo.com/', { headers: { authorization: `Basic ${token}` } })
        ).status;
      };
      for (const user of ['apr', 'sha512', 'sha1', 'plain']) {
        assert.equal(await as(user, 'sesame'), 200, user);
        assert.equal(await as(user, 'simsim'), 401, user);
      }
      assert.equal(await as('nobody', 'sesame'), 401);
    });

    test('what decided about a client does not go on as the client says it', async () => {
      const token = Buffer.from('ali:sesame').toString('base64');
      await apply({
        ...only('web', { 'auth-type': 'basic', 'auth-secret': 'users' }),
        secrets: { users: { auth: 'ali:{PLAIN}sesame' } },
      });
      const known = await lab().seenBy('http://foo.com/', {
        headers: { authorization: `Basic ${token}` },
      });
      assert.equal(known.headers.authorization, undefined);
      const heard: (string | undefined)[] = [];
      await lab().upstream('silent', '127.1.0.24', (request, response) => {
        heard.push(
          request.headers['x-forwarded-for']?.toString(),
          request.headers['x-key']?.toString(),
        );
        response.setHeader('set-cookie', 'session=new').end();
      });
      await apply(
        only('web', { 'auth-url': 'http://127.1.0.24:8080/', 'auth-response-headers': 'X-User' }),
      );
      const headers = { 'x-user': 'root', 'x-key': '1', 'x-forwarded-for': '10.9.9.9' };
      const answer = await lab().ask('http://foo.com/', { headers });
      assert.deepEqual(heard, ['127.0.0.1', '1']);
      assert.deepEqual(answer.headers['set-cookie'], ['session=new']);
      const seen = JSON.parse(answer.body) as { headers: Record<string, string> };
      assert.equal(seen.headers['x-user'], undefined);
    });

    test('a Secret that is missing lets nobody in', async () => {
      await apply(only('web', { 'auth-type': 'basic', 'auth-secret': 'gone' }));
      assert.equal((await lab().ask('http://foo.com/')).status, 503);
    });

    test('digest authentication', async () => {
      const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
      const auth = `ali:Cave:${md5('ali:Cave:sesame')}`;
      await apply({
        ...only('web', { 'auth-type': 'digest', 'auth-secret': 'users', 'auth-realm': 'Cave' }),
        secrets: { users: { auth } },
      });
      const challenge = (await lab().ask('http://foo.com/d')).headers['www-authenticate'] ?? '';
      const nonce = /nonce="([^"]+)"/u.exec(challenge)?.[1] ?? '';
      const answer = (password: string): string => {
        const middle = `${nonce}:00000001:abc:auth`;
        const response = md5(`${md5(`ali:Cave:${password}`)}:${middle}:${md5('GET:/d')}`);
        return `Digest username="ali", realm="Cave", nonce="${nonce}", uri="/d", qop=auth, nc=00000001, cnonce="abc", response="${response}"`;
      };
      const ask = async (authorization: string, path = '/d'): Promise<number> =>
        (await lab().ask(`http://foo.com${path}`, { headers: { authorization } })).status;
      assert.equal(await ask(answer('sesame')), 200);
      assert.equal(await ask(answer('simsim')), 401);
      assert.equal(await ask(answer('sesame'), '/other'), 401);
    });

    test('auth-url: another service admits, refuses, or sends to sign in', async () => {
      const asked: string[] = [];
      await lab().upstream('guard', '127.1.0.21', (request, response) => {
        asked.push(
          ['x-original-method', 'x-original-url'].map((name) => request.headers[name]).join(' '),
        );
        const who = request.headers.authorization;
        if (who === undefined) response.writeHead(401, { 'www-authenticate': 'Bearer' });
        else response.writeHead(who === 'good' ? 200 : 403, { 'x-user': who });
        response.end();
      });
      const guard = {
        'auth-url': 'http://127.1.0.21:8080/check',
        'auth-response-headers': 'X-User',
      };
      await apply(only('web', guard));
      const seen = await lab().seenBy('http://foo.com/a?b', { headers: { authorization: 'good' } });
      assert.equal(seen.headers['x-user'], 'good');
      assert.deepEqual(asked, ['GET http://foo.com/a?b']);
      const bad = await lab().ask('http://foo.com/', { headers: { authorization: 'bad' } });
      assert.equal(bad.status, 403);
      const none = await lab().ask('http://foo.com/');
      assert.equal(none.status, 401);
      assert.equal(none.headers['www-authenticate'], 'Bearer');
      await apply(only('web', { ...guard, 'auth-signin': 'https://login.com/in' }));
      const { status, headers } = await lab().ask('http://foo.com/x');
      assert.equal(status, 302);
      assert.equal(headers.location, 'https://login.com/in?rd=http%3A%2F%2Ffoo.com%2Fx');
      await apply(only('web', { 'auth-url': 'http://127.1.0.99:8080/' }));
      assert.equal((await lab().ask('http://foo.com/')).status, 500);
    });

    test('CORS for everybody is not CORS with the credentials of everybody', async () => {
      await apply(only('web', { 'enable-cors': 'true' }));
      const { headers } = await lab().ask('http://foo.com/', {
        headers: { origin: 'https://evil.com' },
      });
      assert.equal(headers['access-control-allow-origin'], '*');
    });

    test('CORS: preflights are answered here, answers get the headers', async () => {
      await apply(only('web', { 'enable-cors': 'true', 'cors-allow-origin': 'https://*.a.com' }));
      const origin = 'https://x.a.com';
      const preflight = await lab().ask('http://foo.com/', {
        method: 'OPTIONS',
        headers: { origin },
      });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers['access-control-allow-origin'], origin);
      assert.match(preflight.headers['access-control-allow-methods'] ?? '', /PATCH/u);
      assert.equal(lab().seen.length, 0);
      const other = await lab().ask('http://foo.com/', { headers: { origin: 'https://x.b.com' } });
      assert.equal(other.headers['access-control-allow-origin'], undefined);
      const good = await lab().ask('http://foo.com/', { headers: { origin } });
      assert.equal(good.headers['access-control-allow-credentials'], 'true');
      assert.equal(lab().seen.length, 2);
    });
  });
}
