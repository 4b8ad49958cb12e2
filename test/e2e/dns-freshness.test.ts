// Whoever was told that a Service is there, asks for it and finds it: a thousand times, from pods of two nodes.
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import packet from 'dns-packet';
import { createHttpClient, loadContext, type ClosableClient } from '../../src/client/index.ts';
import { createKernel } from '../../src/kernel/index.ts';
import { podKind, serviceKind } from '../../src/kube/index.ts';
import { TestCluster } from './harness.ts';
import { manifest, pod, sleeper } from './manifests.ts';

const COUNT = 1000;
const namespace = 'default';
const DNS = { port: 53, address: '10.96.0.10' };
/** The response code within the flags (RFC 1035 section 4.1.1). */
const RCODE_MASK = 0xf;
/** Milliseconds after which an answer is lost. */
const PATIENCE = 5000;

/** Asks from inside a pod's network namespace, one question at a time. */
class PodResolver {
  private readonly socket: Socket = createSocket('udp4');
  private lastId = 0;

  constructor(pin: string) {
    this.socket.bind({ fd: createKernel().bindUdp(pin, { address: '0.0.0.0', port: 0 }) });
  }

  /** The addresses of a Service, or the response code where there are none. */
  async addressesOf(service: string): Promise<readonly string[] | number> {
    this.lastId += 1;
    const answered = once(this.socket, 'message', { signal: AbortSignal.timeout(PATIENCE) });
    const name = `${service}.${namespace}.svc.cluster.local`;
    const query = packet.encode({
      type: 'query',
      id: this.lastId,
      questions: [{ type: 'A', name }],
    });
    this.socket.send(query, DNS.port, DNS.address);
    const [bytes] = (await answered) as [Buffer];
    const { id, flags = 0, answers = [] } = packet.decode(bytes);
    assert.equal(id, this.lastId);
    const addresses = answers.flatMap((answer) => (answer.type === 'A' ? [answer.data] : []));
    return addresses.length > 0 ? addresses : flags & RCODE_MASK;
  }

  close(): void {
    this.socket.close();
  }
}

/** Of the n-th Service, in its first and its second life. */
function addressAt(index: number, life: 1 | 2): string {
  return `10.${100 + life}.${index >> 8}.${index & 255}`;
}

const names = Array.from({ length: COUNT }, (_, index) => `fresh-${index}`);
const NXDOMAIN = 3;

describe('names of Services', () => {
  const cluster = new TestCluster();
  const resolvers: PodResolver[] = [];
  let client: ClosableClient;

  before(async () => {
    await cluster.start();
    const askers = ['node1', 'node2'].map((nodeName) =>
      pod(`asker-${nodeName}`, { nodeName, labels: { app: 'asker' }, containers: [sleeper] }),
    );
    await cluster.kubectl.apply(manifest(...askers));
    await cluster.ready('app=asker');
    client = createHttpClient(loadContext({ env: cluster.env }).options);
    const { items } = await client.list(podKind, { namespace, labelSelector: 'app=asker' });
    const pins = join(cluster.home, 'run', 'portolan', 'ns');
    for (const { metadata } of items) {
      resolvers.push(new PodResolver(join(pins, `${metadata.uid}-net`)));
    }
    assert.equal(resolvers.length, 2);
  });

  after(async () => {
    for (const resolver of resolvers) resolver.close();
    client.close();
    await cluster.close();
  });

  async function create(index: number, life: 1 | 2): Promise<void> {
    const clusterIP = addressAt(index, life);
    await client.create(serviceKind, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: names[index] ?? '', namespace },
      spec: { clusterIP, ports: [{ port: 80 }] },
    });
  }

  /** Asks from both nodes; what is not as expected goes to the list of surprises. */
  async function expectEverywhere(
    name: string,
    expected: readonly string[] | number,
    surprises: string[],
  ): Promise<void> {
    for (const resolver of resolvers) {
      const found = await resolver.addressesOf(name);
      if (JSON.stringify(found) !== JSON.stringify(expected)) {
        surprises.push(`${name}: ${JSON.stringify(found)} for ${JSON.stringify(expected)}`);
      }
    }
  }

  test('a thousand are there as soon as their creation is acknowledged', async () => {
    const surprises: string[] = [];
    for (const [index, name] of names.entries()) {
      // A negative answer just before must not linger.
      if (index % 2 === 0) await expectEverywhere(name, NXDOMAIN, surprises);
      await create(index, 1);
      await expectEverywhere(name, [addressAt(index, 1)], surprises);
    }
    assert.deepEqual(surprises, []);
  });

  test('they are gone as soon as they are deleted, and have another address as soon as they are made again', async () => {
    const surprises: string[] = [];
    for (const [index, name] of names.entries()) {
      await client.delete(serviceKind, { namespace, name });
      await expectEverywhere(name, NXDOMAIN, surprises);
      await create(index, 2);
      await expectEverywhere(name, [addressAt(index, 2)], surprises);
    }
    assert.deepEqual(surprises, []);
  });
});
