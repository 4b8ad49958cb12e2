import assert from 'node:assert/strict';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { FakeClock } from '../../clock/index.ts';
import { requireAddress } from '../../ip/index.ts';
import { FabricAddresses } from '../fabric-addresses.ts';
import type { Carriage } from '../kernel-path/carriage.ts';
import { frontendKey, type Frontend } from '../kernel-path/frontend.ts';
import { KernelPath } from '../kernel-path/kernel-path.ts';
import type { ForwardNode } from '../kernel-path/node-groups.ts';
import { OutsideWorld, type TestNode } from './outside-world.ts';

const NODE_PORT = 30_080;
export const external = '172.19.0.1';
export const external6 = 'fd00:172:19::1';
export const web: Frontend = { address: requireAddress(external), protocol: 'TCP', port: 80 };
export const web6: Frontend = { ...web, address: requireAddress(external6) };
export const dns: Frontend = { ...web, protocol: 'UDP', port: 53 };
/** Of the machine behind the fabric. */
export const clients4 = Array.from({ length: 6 }, (_, number) => `203.0.113.${number + 1}`);
export const clients6 = Array.from({ length: 6 }, (_, number) => `2001:db8::${number + 1}`);
export const draining = { enabled: true, timeoutMs: 60_000 };

export interface CarriageParts {
  readonly family?: 4 | 6;
  readonly isSticky?: boolean;
  /** Of the balancer, healthy or not; both when absent. */
  readonly members?: readonly WorldNode[];
}

/** A node as a carriage names it. */
type WorldNode = Pick<TestNode, 'name' | 'ip' | 'ip6'>;

/** Nodes, and the kernel's path to them. There is no door anywhere: whatever is answered, the kernel has forwarded. */
export class KernelPathWorld {
  readonly outside = new OutsideWorld();
  /** The namespace of a machine behind the fabric. */
  readonly client: string;
  readonly one: TestNode;
  readonly two: TestNode;
  clock = new FakeClock();
  addresses: FabricAddresses;
  path: KernelPath;
  private readonly errors: unknown[] = [];

  private constructor() {
    const { nodes, kernel, fabric } = this.outside;
    [this.one, this.two] = nodes;
    this.client = this.outside.attachClient([...clients4, ...clients6]);
    this.addresses = new FabricAddresses(kernel, fabric);
    this.path = this.openPath();
  }

  static async open(): Promise<KernelPathWorld> {
    const world = new KernelPathWorld();
    for (const node of world.outside.nodes) {
      // Its name, and then whatever it hears.
      const greet = (socket: Socket): void => {
        socket.write(node.name);
        socket.pipe(socket);
      };
      for (const address of [node.ip, node.ip6]) await node.serveTcp(NODE_PORT, greet, address);
      await node.serveUdp(NODE_PORT);
    }
    return world;
  }

  /** As a new daemon opens it; one that is not closed before is one of a killed daemon. */
  openPath(): KernelPath {
    const { kernel, fabric } = this.outside;
    const { clock, addresses, errors } = this;
    const onError = (error: unknown) => errors.push(error);
    this.path = new KernelPath({ kernel, fabric, clock, addresses, onError });
    return this.path;
  }

  /** A fresh one for the next test; asserts that nothing failed and nothing is waited for. */
  reset(): void {
    this.path.close();
    assert.deepEqual(this.errors.splice(0), []);
    assert.equal(this.clock.pending, 0);
    this.openPath();
  }

  /** Open connections to a frontend, by the address of the node. */
  open(frontend: Frontend): Record<string, number> {
    return Object.fromEntries(this.path.open().get(frontendKey(frontend)) ?? []);
  }

  /** Lets what was decided be done to the connections that there are. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
  }

  /** Forwards to these nodes. */
  carriage(nodes: readonly WorldNode[], parts: CarriageParts = {}): Carriage {
    const { family = 4, isSticky = false, members = [this.one, this.two] } = parts;
    const addressOf = ({ ip, ip6 }: WorldNode): string => (family === 4 ? ip : ip6);
    const targets = nodes.map((node): ForwardNode => {
      return { name: node.name, address: addressOf(node) };
    });
    return {
      forward: { nodePort: NODE_PORT, isSticky, nodes: targets },
      home: {
        nodePort: NODE_PORT,
        addresses: new Set(targets.map(({ address }) => address)),
      },
      members: new Set(members.map(addressOf)),
      draining,
    };
  }

  /** An open connection, and the node that it goes to. */
  async connect(from = this.client): Promise<{ socket: Socket; node: TestNode }> {
    const socket = this.outside.dial({ address: external, port: web.port }, from);
    const [name] = (await once(socket, 'data')) as [Buffer];
    return { socket, node: name.toString() === this.one.name ? this.one : this.two };
  }

  /** Who answers so many connections from outside, each once. */
  async answering(times = 16): Promise<string[]> {
    const names = new Set<string>();
    for (let time = 0; time < times; time += 1) {
      names.add(await this.outside.ask({ address: external, port: web.port }, this.client));
    }
    return [...names].sort();
  }

  async openUdp(): Promise<UdpSocket> {
    const socket = createSocket('udp4');
    const listening = once(socket, 'listening');
    const at = { address: clients4[0] ?? '', port: 0 };
    socket.bind({ fd: this.outside.kernel.bindUdp(this.client, at) });
    await listening;
    return socket;
  }

  close(): void {
    this.path.close();
    this.addresses.close();
    this.outside.close();
  }
}

/** Asserts that somebody at the other end hears and answers. */
export async function assertAnswers(socket: Socket, words: string): Promise<void> {
  socket.write(words);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.equal(answer.toString(), words);
}

/** Asserts that the connection was reset, which its next word tells. */
export async function assertReset(socket: Socket): Promise<void> {
  const failed = once(socket, 'error');
  socket.write('still there?');
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNRESET');
}

/** Who answers a datagram. */
export async function askUdp(socket: UdpSocket): Promise<string> {
  const answered = once(socket, 'message');
  socket.send('?', dns.port, external);
  const [answer] = (await answered) as [Buffer];
  return answer.toString();
}
