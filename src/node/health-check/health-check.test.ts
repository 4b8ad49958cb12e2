import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import { createPair, type End } from '../../kernel/testing/pair.ts';
import { TestKernel } from '../../kernel/testing/test-kernel.ts';
import type { Node } from '../../kube/index.ts';
import type { HttpListener } from './http-listener.ts';
import { serveNodeHealth } from './node-health.ts';
import { ProxyHealth } from './proxy-health.ts';
import { ServiceHealth } from './service-health.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

describe('health checks', () => {
  let world: TestKernel;
  let balancer: End;
  let node: End;
  let clock: FakeClock;
  let proxy: ProxyHealth;

  before(() => {
    world = new TestKernel();
    [balancer, node] = createPair(world);
  });
  after(() => world.dispose());
  beforeEach(() => {
    clock = new FakeClock(Date.UTC(2026, 0, 1));
    proxy = new ProxyHealth(clock);
  });

  /** As a balancer asks: over the wire, from another machine. */
  async function ask(port: number, path = '/', family: 4 | 6 = 4): Promise<Answer> {
    const socket = new Socket({ fd: world.kernel.openTcp(balancer.namespace, family) });
    socket.connect({ host: node.addresses[family], port });
    const sent = request({ createConnection: () => socket, path, headers: { host: 'node' } }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const { statusCode, headers } = answer;
    const content = await text(answer);
    const isJson = headers['content-type'] === 'application/json';
    return {
      status: statusCode,
      headers,
      body: isJson ? (JSON.parse(content) as unknown) : content,
    };
  }

  describe('of a Service (row 13)', () => {
    let services: ServiceHealth;
    let failures: string[];

    beforeEach(() => {
      failures = [];
      services = new ServiceHealth({
        kernel: world.kernel,
        netns: node.namespace,
        proxy,
        onFailure: (service, message) => failures.push(`${service}: ${message}`),
      });
      proxy.programmed();
    });
    afterEach(() => services.close());

    const replace = (service: string, port: number, localEndpoints: number): void =>
      services.replaceAll([[service, { port, localEndpoints }]]);

    test('are 200 with local endpoints and 503 without, and say how many there are', async () => {
      replace('default/web', 31_000, 2);
      for (const family of [4, 6] as const) {
        const { status, headers, body } = await ask(31_000, '/', family);
        assert.equal(status, 200);
        assert.equal(headers['x-load-balancing-endpoint-weight'], '2');
        assert.deepEqual(body, {
          service: { namespace: 'default', name: 'web' },
          localEndpoints: 2,
          serviceProxyHealthy: true,
        });
      }
      replace('default/web', 31_000, 0);
      const { status, body } = await ask(31_000, '/healthz');
      assert.equal(status, 503);
      assert.deepEqual(body, {
        service: { namespace: 'default', name: 'web' },
        localEndpoints: 0,
        serviceProxyHealthy: true,
      });
    });

    test('are 503 while the rules are not what they should be', async () => {
      replace('default/web', 31_000, 1);
      proxy.failed();
      const { status, body } = await ask(31_000);
      assert.equal(status, 503);
      assert.equal((body as { serviceProxyHealthy: boolean }).serviceProxyHealthy, false);
      proxy.programmed();
      assert.equal((await ask(31_000)).status, 200);
    });

    test('move to another port, and end with the Service', async () => {
      replace('default/web', 31_000, 1);
      replace('default/web', 31_001, 1);
      await assert.rejects(ask(31_000), { code: 'ECONNREFUSED' });
      assert.equal((await ask(31_001)).status, 200);
      services.replaceAll([['default/web', undefined]]);
      await assert.rejects(ask(31_001), { code: 'ECONNREFUSED' });
    });

    test('pass a port from one Service to another in one step', async () => {
      replace('default/web', 31_000, 1);
      services.replaceAll([
        ['default/api', { port: 31_000, localEndpoints: 3 }],
        ['default/web', undefined],
      ]);
      assert.deepEqual(failures, []);
      assert.match(JSON.stringify((await ask(31_000)).body), /"name":"api"/);
    });

    test('report a port that something else has, and take it when it is free', async () => {
      const fd = world.kernel.listenTcp(node.namespace, { address: '::', port: 31_000 });
      replace('default/web', 31_000, 1);
      services.replaceAll([]);
      assert.equal(failures.length, 1);
      assert.match(failures.join(), /default\/web: .*31000.*EADDRINUSE/);
      world.kernel.closeDescriptor(fd);
      services.replaceAll([]);
      assert.equal((await ask(31_000)).status, 200);
    });
  });

  describe('of the node (row 14)', () => {
    let listener: HttpListener;
    let object: Pick<Node, 'metadata' | 'spec'> | undefined;

    beforeEach(() => {
      object = undefined;
      listener = serveNodeHealth({
        kernel: world.kernel,
        netns: node.namespace,
        clock,
        proxy,
        node: () => object,
      });
    });
    afterEach(() => listener.close());

    const statuses = async (): Promise<unknown[]> => [
      (await ask(10_256, '/healthz')).status,
      (await ask(10_256, '/livez?verbose')).status,
    ];

    test('are 503 until the rules are programmed first, and while they are behind', async () => {
      assert.deepEqual(await statuses(), [503, 503]);
      proxy.programmed();
      assert.deepEqual(await statuses(), [200, 200]);
      proxy.failed();
      assert.deepEqual(await statuses(), [503, 503]);
    });

    test('say when the rules were programmed', async () => {
      proxy.programmed();
      await clock.advance(1500);
      assert.deepEqual((await ask(10_256, '/healthz')).body, {
        lastUpdated: '2026-01-01T00:00:00.000Z',
        currentTime: '2026-01-01T00:00:01.500Z',
        nodeEligible: true,
      });
    });

    test('drain a node that is being deleted, which still lives', async () => {
      proxy.programmed();
      object = {
        metadata: { name: 'node-1', deletionTimestamp: '2026-01-01T00:00:00Z' },
        spec: {},
      };
      assert.deepEqual(await statuses(), [503, 200]);
      const taint = { key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' } as const;
      object = { metadata: { name: 'node-1' }, spec: { taints: [taint] } };
      assert.deepEqual(await statuses(), [503, 200]);
      object = { metadata: { name: 'node-1' }, spec: {} };
      assert.deepEqual(await statuses(), [200, 200]);
    });

    test('are nowhere else', async () => assert.equal((await ask(10_256, '/')).status, 404));
  });
});
