// Rollouts drop nothing: an endpoint leaves every node's rules before its container is told to end.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { createKernel } from '../../src/kernel/index.ts';
import { TestCluster, until } from './harness.ts';

/** Connections a second, over all three ways in. */
const RATE = 200;
const ROLLOUTS = 3;

const cluster = new TestCluster();
const kernel = createKernel();

interface Report {
  readonly done: number;
  readonly failures: readonly string[];
}

/** Connects, asks and is answered, `RATE / 3` times a second, from inside a namespace; ends when its stdin does. */
const program = `
  const [url, everyMs] = [process.argv[1], Number(process.argv[2])];
  const { request } = await import('node:http');
  const failures = [];
  let done = 0;
  let open = 0;
  const ask = () => {
    open += 1;
    const end = (failure) => { open -= 1; done += 1; if (failure) failures.push(failure); };
    const outgoing = request(url, { agent: false, timeout: 5000 }, (response) => {
      response.resume();
      response.once('end', () => end(response.statusCode === 200 ? '' : String(response.statusCode)));
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('timeout')));
    outgoing.once('error', (error) => end(error.message));
    outgoing.end();
  };
  const timer = setInterval(ask, everyMs);
  process.stdin.resume();
  process.stdin.once('end', () => {
    clearInterval(timer);
    const wait = setInterval(() => {
      if (open > 0) return;
      clearInterval(wait);
      console.log(JSON.stringify({ done, failures }));
    }, 10);
  });`;

function startLoad(pin: string, url: string): ChildProcess {
  const args = ['--input-type=module', '-e', program, url, String((1000 / RATE) * 3)];
  return kernel.inNamespace(pin, () =>
    spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
}

async function endLoad(load: ChildProcess): Promise<Report> {
  load.stdin?.end();
  const report = load.stdout === null ? '' : await text(load.stdout);
  if (load.exitCode === null) await once(load, 'exit');
  return JSON.parse(report) as Report;
}

describe('a Deployment under load', () => {
  const loads = new Map<string, ChildProcess>();

  before(async () => {
    await cluster.start();
    await cluster.kubectl('create', 'deploy', 'web', '--image=web', '--replicas=3');
    await cluster.kubectl('expose', 'deploy', 'web', '--port=80', '--type=LoadBalancer');
    await cluster.kubectl('run', 'client', '--image=busybox', '--', 'sleep', '3600');
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=60s');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/client', '--timeout=60s');
  });
  after(async () => {
    for (const load of loads.values()) load.kill('SIGKILL');
    await cluster.close();
  });

  async function field(path: string, ...what: string[]): Promise<string> {
    return cluster.kubectl('get', ...what, '-o', `jsonpath=${path}`);
  }

  test('loses no connection over three rolling updates', async () => {
    const pins = join(cluster.home, 'run', 'portolan', 'ns');
    const uid = await field('{.metadata.uid}', 'pod', 'client');
    const clusterIP = await field('{.spec.clusterIP}', 'service', 'web');
    const nodePort = await field('{.spec.ports[0].nodePort}', 'service', 'web');
    const balancer = await until('the load balancer', async () => {
      const ip = await field('{.status.loadBalancer.ingress[0].ip}', 'service', 'web');
      return ip === '' ? undefined : ip;
    });
    const outside = join(pins, 'fabric');
    loads.set('ClusterIP', startLoad(join(pins, `${uid}-net`), `http://${clusterIP}/`));
    loads.set('NodePort', startLoad(outside, `http://172.18.0.2:${nodePort}/`));
    loads.set('LoadBalancer', startLoad(outside, `http://${balancer}/`));
    for (let round = 1; round <= ROLLOUTS; round += 1) {
      await cluster.kubectl('set', 'env', 'deploy/web', `ROUND=${round}`);
      await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=60s');
    }
    for (const [way, load] of loads) {
      const { done, failures } = await endLoad(load);
      assert.deepEqual(failures, [], `${way}: ${failures.length} of ${done} failed`);
      assert.ok(done > 50, `${way}: only ${done} connections`);
    }
  });
});
