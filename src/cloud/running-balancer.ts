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
import { carriageOf } from './kernel-path/carriage.ts';
import { frontendKey, type Frontend } from './kernel-path/frontend.ts';
import type { OpenConnections } from './kernel-path/kernel-flows.ts';
import type { KernelPath } from './kernel-path/kernel-path.ts';
import type { HealthStatus } from './node-health.ts';
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
  /** Connections and sessions of all doors together. */
  readonly budget: Budget;
  readonly addresses: FabricAddresses;
  readonly kernelPath: KernelPath;
  /** Hears of what failed in the background. */
  readonly onError: (error: unknown) => void;
}

interface OpenDoor {
  readonly door: Door;
  readonly frontend: Frontend;
}

/**
 * One Service's load balancer: doors at its external addresses, behind them the nodes; and before the doors the kernel,
 * which carries what is plain past them.
 */
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

  /**
   * Balances as desired over these nodes, from the next connection on; true when they are others than before.
   * @throws NftRefused
   */
  configure(desired: DesiredBalancer, nodes: readonly BackendNode[]): boolean {
    const isSameCheck = JSON.stringify(this.desired.health) === JSON.stringify(desired.health);
    if (!isSameCheck) this.stopChecking();
    this.desired = desired;
    const isChanged = this.pool.update(nodes, desired.settings.draining);
    this.checker ??= this.startChecking();
    this.checker?.watch(nodes);
    this.carry();
    return isChanged;
  }

  /**
   * Listens at exactly these addresses, at the desired ports; what no longer is wanted drains.
   * @throws Fault when an address or a port cannot be had; what was opened stays.
   */
  async listen(addresses: readonly Address[]): Promise<void> {
    const frontends = addresses.flatMap((address) =>
      this.desired.ports.map(({ protocol, port }): Frontend => ({ address, protocol, port })),
    );
    const wanted = new Map(frontends.map((frontend) => [frontendKey(frontend), frontend]));
    for (const [key, open] of this.doors) if (!wanted.has(key)) this.closeDoor(key, open);
    for (const [key, frontend] of wanted) {
      if (!this.doors.has(key)) this.doors.set(key, await this.open(frontend));
    }
    this.carry();
  }

  /** @param open the connections that the kernel carries */
  backends(open: OpenConnections): BackendSummary[] {
    const frontends = [...this.doors.values(), ...this.leaving.keys()];
    return this.pool.list(
      frontends.flatMap(({ frontend }) => open.get(frontendKey(frontend)) ?? []),
    );
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
    await Promise.all([...this.leaving.keys()].map((open) => this.cut(open)));
    await retired;
  }

  private async open(frontend: Frontend): Promise<OpenDoor> {
    const { kernel, fabric, budget, addresses } = this.site;
    const { protocol, port } = frontend;
    const address = formatAddress(frontend.address);
    const ready = addresses.acquire(address);
    try {
      await ready;
      const isTcp = protocol === 'TCP';
      const at = { address, port };
      const door = await (isTcp ? openTcpDoor : openUdpDoor)({
        entrance: { fd: isTcp ? kernel.listenTcp(fabric, at) : kernel.bindUdp(fabric, at) },
        family: frontend.address.family,
        kernel,
        fabric,
        budget,
        udpIdleMs: UDP_IDLE_MS,
        dialTimeoutMs: DIAL_TIMEOUT_MS,
        tcpIdleMs: () => this.desired.settings.idleTimeoutMs,
        route: (caller) => this.route(frontend, caller),
      });
      return { door, frontend };
    } catch (error) {
      addresses.release(address);
      throw error;
    }
  }

  private route(frontend: Frontend, caller: Caller): Route | undefined {
    const { ports, sourceRanges, hasAffinity, keepsSource, settings } = this.desired;
    const found = ports.find((port) => isSamePort(port, frontend));
    if (found === undefined || !isAdmitted(caller.address.address, sourceRanges)) return undefined;
    const { address, protocol, port } = frontend;
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

  /** Tells the kernel what it may carry past the doors. */
  private carry(): void {
    const nodes = this.pool.nodes();
    for (const { frontend } of this.doors.values()) {
      this.site.kernelPath.carry(frontend, carriageOf(this.desired, frontend, nodes));
    }
  }

  private closeDoor(key: string, open: OpenDoor): void {
    this.doors.delete(key);
    this.leaving.set(open, this.drain(open));
  }

  private async drain(open: OpenDoor): Promise<void> {
    const { clock, addresses, kernelPath, onError } = this.site;
    const { draining } = this.desired.settings;
    // First: what the kernel does not take any more shall find no door.
    const left = kernelPath.leave(open.frontend, draining).catch(onError);
    const cancel = clock.setTimer(draining.enabled ? draining.timeoutMs : 0, () => {
      void open.door.close();
    });
    await open.door.stop();
    cancel();
    await left;
    this.leaving.delete(open);
    try {
      addresses.release(formatAddress(open.frontend.address));
    } catch (error) {
      onError(error);
    }
  }

  private async cut({ door, frontend }: OpenDoor): Promise<void> {
    const { kernelPath, onError } = this.site;
    const cut = kernelPath.leave(frontend, { enabled: false, timeoutMs: 0 }).catch(onError);
    await Promise.all([cut, door.close()]);
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
      onChange: (node, status) => this.note(node, status),
    });
  }

  private note(node: string, status: HealthStatus): void {
    this.pool.setStatus(node, status);
    try {
      this.carry();
    } catch (error) {
      this.site.onError(error);
    }
  }

  private stopChecking(): void {
    this.checker?.close();
    this.checker = undefined;
    this.pool.forgetStatus();
  }
}

function isSamePort(one: BalancerPort, other: Frontend): boolean {
  return one.protocol === other.protocol && one.port === other.port;
}
