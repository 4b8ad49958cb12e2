import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { requireAddress, requireCidr } from '../../ip/index.ts';
import type { NetworkPolicy } from '../../kube/index.ts';
import { changeLink } from '../../netlink/index.ts';
import { Nftables } from '../../nft/index.ts';
import { PolicyCompiler } from '../../policy/index.ts';
import { podOf, policyOf } from '../../policy/testing/objects.ts';
import { RawSocket } from '../testing/raw-socket.ts';
import { portsOf, portUnreachable } from '../testing/segments.ts';
import { settings } from '../testing/settings.ts';
import { World, type Host } from '../testing/world.ts';
import { PolicyPlan } from './policy-plan.ts';
import { PolicyProgrammer } from './policy-programmer.ts';

const PORT = 8080;
const CLOSED = 9;
const NARROW = 1280;
const PAYLOAD = 256 * 1024;
const ICMP = 1;
const families = [4, 6] as const;

type Rules = Pick<Partial<NetworkPolicy['spec']>, 'egress' | 'ingress'>;

/** What the policies of a test say; none isolates anybody. */
class Policies {
  private readonly compiler = new PolicyCompiler({ podRanges: settings.podCIDRs.map(requireCidr) });
  private readonly plan = new PolicyPlan({ ...settings, localServices: [], canaries: [] });
  private readonly programmer: PolicyProgrammer;
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
    const nftables = new Nftables(world.test.kernel.openNetfilterSocket(world.node.path));
    this.programmer = new PolicyProgrammer(nftables, this.plan, ({ cause }) => {
      throw cause;
    });
    for (const { name, addresses } of [world.podA, world.podB]) {
      const pod = podOf(name, { labels: { app: name }, ips: addresses });
      this.compiler.setPod(pod);
      this.compiler.announce(pod, addresses.map(requireAddress));
    }
    this.programmer.start();
  }

  /** Isolates a pod in both directions, but for what the rules admit. */
  isolate({ name }: Host, rules: Rules = {}): void {
    const podSelector = { matchLabels: { app: name } };
    const policyTypes: NetworkPolicy['spec']['policyTypes'] = ['Ingress', 'Egress'];
    this.compiler.setPolicy(policyOf(name, { podSelector, policyTypes, ...rules }));
    this.commit();
  }

  clear(): void {
    for (const { name } of [this.world.podA, this.world.podB]) {
      this.compiler.removePolicy(policyOf(name, {}));
    }
    this.commit();
  }

  /** Packets that policies dropped so far. */
  drops(): bigint {
    const { egress, ingress } = this.programmer.drops();
    return egress + ingress;
  }

  close(): void {
    this.programmer.close();
  }

  private commit(): void {
    this.programmer.commit(this.plan.apply(this.compiler.drain()));
  }
}

/** A machine behind the client, whose link to it is narrower than all others. */
function addFar(world: World): Host {
  const far = world.host('far', ['192.0.2.10', 'fd00:99::10']);
  world.forward(world.client);
  world.attach(far, 'far', world.client);
  world.test.connect(world.client.path).request(changeLink('far', { mtu: NARROW }));
  return far;
}

/** Counts the bytes of one connection. @returns how many had come when the client was done */
async function received(
  world: World,
  host: Host,
  send: (port: number) => Promise<void>,
): Promise<number> {
  let bytes = 0;
  const server = createServer((socket) => {
    socket.on('data', (chunk) => (bytes += chunk.length)).on('end', () => socket.end());
  });
  server.listen({ fd: world.test.kernel.listenTcp(host.path, { address: '::', port: PORT }) });
  await once(server, 'listening');
  await send(PORT);
  server.close();
  await once(server, 'close');
  return bytes;
}

/** Sends a lot over TCP, and waits until all of it has been acknowledged. */
async function sendMuch(
  world: World,
  from: Host,
  to: { host: string; port: number },
): Promise<void> {
  const fd = world.test.kernel.openTcp(from.path, to.host.includes(':') ? 6 : 4);
  const socket = new Socket({ fd }).connect(to);
  socket.end(Buffer.alloc(PAYLOAD)).resume();
  await once(socket, 'close');
}

/** The error that a datagram to a port comes back with. */
async function errorOf(
  world: World,
  from: Host,
  host: string,
  port: number,
): Promise<string | undefined> {
  const isV6 = host.includes(':');
  const socket = createSocket(isV6 ? 'udp6' : 'udp4');
  const address = isV6 ? '::' : '0.0.0.0';
  socket.bind({ fd: world.test.kernel.bindUdp(from.path, { address, port: 0 }) });
  // Connected, so that errors are told.
  socket.connect(port, host);
  await once(socket, 'connect');
  socket.send('?');
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  socket.close();
  return error.code;
}

/** What a rule of egress says of one host alone. */
function only(host: Host, protocol: 'TCP' | 'UDP', port: number): Rules {
  const to = host.addresses.map((text) => ({
    ipBlock: { cidr: `${text}/${text.includes(':') ? 128 : 32}` },
  }));
  return { egress: [{ to, ports: [{ protocol, port }] }] };
}

describe('errors about connections that policies admit', () => {
  let world: World;
  let policies: Policies;
  let far: Host;

  before(() => {
    world = new World();
    policies = new Policies(world);
    far = addFar(world);
  });
  after(() => {
    policies.close();
    world.dispose();
  });
  beforeEach(() => policies.clear());

  for (const [at, family] of families.entries()) {
    test(`row 41: a path of IPv${family} that is too narrow is told to an isolated pod`, async () => {
      policies.isolate(world.podA, only(far, 'TCP', PORT));
      const before = policies.drops();
      const host = far.addresses[at] ?? '';
      const bytes = await received(world, far, (port) =>
        sendMuch(world, world.podA, { host, port }),
      );
      assert.equal(bytes, PAYLOAD);
      assert.equal(policies.drops(), before);
    });

    test(`row 41: a port of IPv${family} that is closed is told by whoever has it, isolated or not`, async () => {
      for (const to of [world.client, world.podB]) {
        policies.isolate(world.podA, only(to, 'UDP', CLOSED));
        policies.isolate(world.podB, { ingress: [{}] });
        const before = policies.drops();
        assert.equal(
          await errorOf(world, world.podA, to.addresses[at] ?? '', CLOSED),
          'ECONNREFUSED',
          to.name,
        );
        assert.equal(policies.drops(), before);
      }
    });
  }

  test('row 41: an error about a connection that there is not is dropped', async () => {
    const { podA, client, test: kernel } = world;
    policies.isolate(podA, only(client, 'UDP', CLOSED));
    const [from, to] = [podA.addresses[0], client.addresses[0]];
    const [outside, inside] = [client, podA].map((host) => new RawSocket(kernel, host, ICMP)) as [
      RawSocket,
      RawSocket,
    ];
    outside.send(from, portUnreachable({ from, to, source: 7, destination: CLOSED }));
    // What comes in first is the error about a real one.
    assert.equal(await errorOf(world, podA, to, CLOSED), 'ECONNREFUSED');
    const { payload } = await inside.receive();
    assert.notEqual(portsOf(payload.subarray(28)).source, 7);
    for (const socket of [outside, inside]) socket.close();
  });
});
