import type { Clock } from '../clock/index.ts';
import { formatAddress, type Address } from '../ip/index.ts';
import type { Kernel } from '../kernel/index.ts';
import {
  openTcpDoor,
  openUdpDoor,
  type Budget,
  type Caller,
  type Door,
  type Route,
} from '../publish/index.ts';
import type { BackendNode } from './backend-nodes.ts';
import { BackendPool, type BackendSummary } from './backend-pool.ts';
import { isAdmitted } from './client-filter.ts';
import { sourceToKeep } from './client-source.ts';
import type { BalancerPort, DesiredBalancer } from './desired-balancer.ts';
import type { FabricAddresses } from './fabric-addresses.ts';
import { HealthChecker } from './health-checker.ts';
import { probe } from './probe.ts';
import { proxyHeader } from './proxy-header.ts';

/** As long as conntrack remembers a UDP stream (`nf_conntrack_udp_timeout_stream`). */
const UDP_IDLE_MS = 120_000;
/**
 * A node that says nothing for so long is passed over for the next. The kernel repeats a SYN after a second, so that one
 * lost packet is no lost node.
 */
const DIAL_TIMEOUT_MS = 1500;

export interface BalancerSite {
  readonly kernel: Kernel;
  readonly fabric: string;
  readonly clock: Clock;
  /** Connections and sessions of all load balancers together. */
  readonly budget: Budget;
  readonly addresses: FabricAddresses;
  /** Hears of what failed in the background. */
  readonly onError: (error: unknown) => void;
}

/** Where one door listens. */
interface Entrance {
  readonly address: Address;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
}

interface OpenDoor {
  readonly door: Door;
  readonly address: string;
}

/** One Service's load balancer: doors at its external addresses, behind them the nodes. */
export class RunningBalancer {
  private readonly site: BalancerSite;
  private readonly pool: BackendPool;
  private readonly doors = new Map<string, OpenDoor>();
  /** Doors that no longer listen, until their last connection has ended. */
  private readonly leaving = new Map<OpenDoor, Promise<void>>();
  private checker: HealthChecker | undefined;
  private desired: DesiredBalancer;

  constructor(site: BalancerSite, desired: DesiredBalancer) {
    this.site = site;
    this.pool = new BackendPool(site.clock);
    this.desired = desired;
  }

  /** Balances as desired over these nodes, from the next connection on; true when they are others than before. */
  configure(desired: DesiredBalancer, nodes: readonly BackendNode[]): boolean {
    const isSameCheck = JSON.stringify(this.desired.health) === JSON.stringify(desired.health);
    if (!isSameCheck) this.stopChecking();
    this.desired = desired;
    const isChanged = this.pool.update(nodes, desired.settings.draining);
    this.checker ??= this.startChecking();
    this.checker?.watch(nodes);
    return isChanged;
  }

  /**
   * Listens at exactly these addresses, at the desired ports; what no longer is wanted drains.
   * @throws Fault when an address or a port cannot be had; what was opened stays.
   */
  async listen(addresses: readonly Address[]): Promise<void> {
    const entrances = addresses.flatMap((address) =>
      this.desired.ports.map(({ protocol, port }): Entrance => ({ address, protocol, port })),
    );
    const wanted = new Map(entrances.map((entrance) => [entranceKey(entrance), entrance]));
    for (const [key, open] of this.doors) if (!wanted.has(key)) this.closeDoor(key, open);
    for (const [key, entrance] of wanted) {
      if (!this.doors.has(key)) this.doors.set(key, await this.open(entrance));
    }
  }

  backends(): BackendSummary[] {
    return this.pool.list();
  }

  /** Stops listening; resolves when all connections have drained and the addresses are gone. */
  async retire(): Promise<void> {
    this.stopChecking();
    for (const [key, open] of this.doors) this.closeDoor(key, open);
    await Promise.all(this.leaving.values());
    this.pool.close();
  }

  /** Ends everything. */
  async close(): Promise<void> {
    const retired = this.retire();
    await Promise.all([...this.leaving.keys()].map(({ door }) => door.close()));
    await retired;
  }

  private async open(entrance: Entrance): Promise<OpenDoor> {
    const { kernel, fabric, budget, addresses } = this.site;
    const { protocol, port } = entrance;
    const address = formatAddress(entrance.address);
    const ready = addresses.acquire(address);
    try {
      await ready;
      const isTcp = protocol === 'TCP';
      const at = { address, port };
      const door = await (isTcp ? openTcpDoor : openUdpDoor)({
        entrance: { fd: isTcp ? kernel.listenTcp(fabric, at) : kernel.bindUdp(fabric, at) },
        family: entrance.address.family,
        kernel,
        fabric,
        budget,
        udpIdleMs: UDP_IDLE_MS,
        dialTimeoutMs: DIAL_TIMEOUT_MS,
        tcpIdleMs: () => this.desired.settings.idleTimeoutMs,
        route: (caller) => this.route(entrance, caller),
      });
      return { door, address };
    } catch (error) {
      addresses.release(address);
      throw error;
    }
  }

  private route(entrance: Entrance, caller: Caller): Route | undefined {
    const { ports, sourceRanges, hasAffinity, keepsSource, settings } = this.desired;
    const found = ports.find((port) => isSamePort(port, entrance));
    if (found === undefined || !isAdmitted(caller.address.address, sourceRanges)) return undefined;
    const { address, protocol, port } = entrance;
    const here = { address: formatAddress(address), port };
    const source = keepsSource ? sourceToKeep(caller.address.address) : undefined;
    return this.pool.route(caller, {
      family: address.family,
      protocol,
      nodePort: found.nodePort,
      hasAffinity,
      ...(source === undefined ? {} : { source }),
      ...(settings.proxyProtocol ? { preamble: proxyHeader(caller.address, here) } : {}),
    });
  }

  private closeDoor(key: string, open: OpenDoor): void {
    this.doors.delete(key);
    this.leaving.set(open, this.drain(open));
  }

  private async drain(open: OpenDoor): Promise<void> {
    const { clock, addresses } = this.site;
    const { enabled, timeoutMs } = this.desired.settings.draining;
    const cancel = clock.setTimer(enabled ? timeoutMs : 0, () => void open.door.close());
    await open.door.stop();
    cancel();
    this.leaving.delete(open);
    try {
      addresses.release(open.address);
    } catch (error) {
      this.site.onError(error);
    }
  }

  private startChecking(): HealthChecker | undefined {
    const { health: check, families } = this.desired;
    if (check === undefined) return undefined;
    const { clock } = this.site;
    return new HealthChecker({
      clock,
      check,
      ask: async ({ addresses }, signal) => {
        const family = families.find((candidate) => addresses[candidate] !== undefined);
        const host = family === undefined ? undefined : addresses[family];
        if (host === undefined) return false;
        const address = { address: host, port: check.port };
        return probe(this.site, { ...check, address }, signal);
      },
      onChange: (node, status) => this.pool.setStatus(node, status),
    });
  }

  private stopChecking(): void {
    this.checker?.close();
    this.checker = undefined;
    this.pool.forgetStatus();
  }
}

function entranceKey({ address, protocol, port }: Entrance): string {
  return `${formatAddress(address)} ${protocol} ${port}`;
}

function isSamePort(one: BalancerPort, other: Entrance): boolean {
  return one.protocol === other.protocol && one.port === other.port;
}
