import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import type { WorldSketch } from '../../routes/testing/world.ts';
import { EngineLab } from '../testing/engine-lab.ts';
import { HaproxyEngine } from './haproxy-engine.ts';
import { whereHaproxyIs } from './testing/where-haproxy-is.ts';

/** More Services than a first process has room for. */
const MANY = 150;

const manyServices = (count: number): WorldSketch => {
  const names = Array.from({ length: count }, (_, at) => `web${at}`);
  return {
    services: Object.fromEntries(names.map((name) => [name, { ips: ['127.1.0.1'] }])),
    ingresses: names.map((name) => ({ name, paths: { [`${name}.com/`]: name } })),
  };
};

whereHaproxyIs(() => {
  describe('haproxy engine: processes', () => {
    let lab: EngineLab;
    before(async () => {
      lab = new EngineLab();
      const web = http.createServer((_request, response) => response.end('web'));
      const sockets = new WebSocketServer({ server: web });
      sockets.on('connection', (socket) =>
        socket.on('message', (text: Buffer) => socket.send(text.toString())),
      );
      await lab.serve(web, '127.1.0.1');
      await lab.start((options) =>
        HaproxyEngine.start({ ...options, directory: lab.test.directory }),
      );
    });
    after(() => lab.stop());

    const processes = (): number[] =>
      execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.includes(`${lab.test.directory}/haproxy-`))
        .map((line) => Number.parseInt(line, 10));

    test('more backends than there is room for: no request fails, a WebSocket goes on', async () => {
      await lab.apply(manyServices(1));
      const client = new WebSocket('ws://web0.com/', { createConnection: () => lab.connect(80) });
      await new Promise((go, fail) => client.once('open', go).once('error', fail));
      const statuses: number[] = [];
      const over = new AbortController();
      const asking = (async () => {
        while (!over.signal.aborted) statuses.push((await lab.ask('http://web0.com/')).status);
      })();
      await lab.apply(manyServices(MANY));
      assert.equal((await lab.ask(`http://web${MANY - 1}.com/`)).body, 'web');
      over.abort();
      await asking;
      assert.deepEqual([...new Set(statuses)], [200]);
      assert.equal(processes().length, 2);
      const heard = new Promise<string>((go) =>
        client.once('message', (text: Buffer) => go(text.toString())),
      );
      client.send('still');
      assert.equal(await heard, 'still');
      client.close();
      while (processes().length > 1) await new Promise((go) => setTimeout(go, 10));
    });

    test('a process that is killed is started again, and knows everything', async () => {
      const [pid = 0] = processes();
      process.kill(pid, 'SIGKILL');
      const isAnswered = async (): Promise<boolean> =>
        (await lab.ask('http://web7.com/').catch(() => undefined))?.body === 'web';
      while (!(await isAnswered())) await new Promise((go) => setTimeout(go, 10));
      assert.notEqual(processes()[0], pid);
      assert.deepEqual(lab.logged.splice(0), [
        'HAProxy ended and is started again: killed by SIGKILL',
      ]);
    });

    test('names and paths of users are never configuration', async () => {
      const injection = 'x\n  http-request deny\n';
      await lab.apply({
        ...manyServices(1),
        ingresses: [
          { name: 'one', paths: { 'web0.com/ok': 'web0', [`web0.com/${injection}`]: 'web0' } },
          { name: 'two', paths: { [`${injection}/`]: 'web0', 'a.com;show info/': 'web0' } },
        ],
      });
      assert.equal((await lab.ask('http://web0.com/ok')).body, 'web');
    });

    test('closing leaves neither process nor file', async () => {
      const own = new EngineLab();
      const engine = await own.start((options) =>
        HaproxyEngine.start({ ...options, directory: own.test.directory }),
      );
      await own.apply({});
      await engine.close(0);
      assert.deepEqual(
        readdirSync(own.test.directory).filter((name) => name.startsWith('haproxy')),
        [],
      );
      await own.stop();
    });
  });
});
