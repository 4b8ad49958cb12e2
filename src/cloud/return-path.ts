import type { Kernel } from '../kernel/index.ts';
import {
  addRule,
  Connection,
  deleteRoute,
  deleteRule,
  findLink,
  isRefusal,
  replaceRoute,
} from '../netlink/index.ts';
import {
  hostU32,
  Nftables,
  priorities,
  registerAt,
  replacementOf,
  type NftFamily,
  type TableContents,
} from '../nft/index.ts';

const TABLE = 'portolan-cloud';
/** The mark of packets for a balancer's socket, and the routing table that keeps such packets here. */
const MARK = 0x13;
const ROUTES = 0x13;
/** Before the main table, which would send the packets on to the client. */
const PRIORITY = 100;
const families = { 4: 'ip', 6: 'ip6' } as const;

/**
 * Leads what nodes answer to a balancer's connections in a client's name back to the balancer: Documentation/networking/
 * tproxy.rst of the kernel. Of the fabric alone; `close` takes it away.
 *
 *     chain divert { type filter hook prerouting priority mangle; socket transparent 1 meta mark set 0x13 }
 *     ip rule add priority 100 fwmark 0x13 lookup 19
 *     ip route add local default dev lo table 19
 */
export class ReturnPath {
  private readonly nftables: Nftables;
  private readonly routes: Connection;
  private isClosed = false;

  constructor(kernel: Kernel, fabric: string) {
    this.nftables = new Nftables(kernel.openNetfilterSocket(fabric));
    this.routes = new Connection(kernel.openRouteSocket(fabric));
    this.nftables.commit(
      Object.values(families).flatMap((family) => replacementOf(tableOf(family))),
    );
    const link = findLink(this.routes, 'lo')?.index ?? 1;
    for (const family of [4, 6] as const) {
      this.routes.request(replaceRoute({ ...routeOf(family), link }));
      this.addRule(family);
    }
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const family of [4, 6] as const) {
      this.routes.request(deleteRule(ruleOf(family)));
      this.routes.request(deleteRoute(routeOf(family)));
    }
    this.nftables.commit(
      Object.values(families).map((family) => ({
        kind: 'delete table',
        table: { family, name: TABLE },
      })),
    );
    this.routes.close();
    this.nftables.close();
  }

  /** One that a killed daemon left will do. */
  private addRule(family: 4 | 6): void {
    try {
      this.routes.request(addRule(ruleOf(family)));
    } catch (error) {
      if (!isRefusal(error, 'EEXIST')) throw error;
    }
  }
}

function routeOf(family: 4 | 6) {
  const destination = { family, base: 0n, prefixLength: 0 };
  return { destination, type: 'local', table: ROUTES } as const;
}

function ruleOf(family: 4 | 6) {
  return {
    family,
    priority: PRIORITY,
    table: ROUTES,
    mark: { value: MARK, mask: 0xffff_ffff },
  } as const;
}

function tableOf(family: Extract<NftFamily, 'ip' | 'ip6'>): TableContents {
  const chain = { family, table: TABLE, name: 'divert' } as const;
  const base = {
    type: 'filter',
    hook: 'prerouting',
    priority: priorities.mangle,
    policy: 'accept',
  } as const;
  const register = registerAt(0);
  const rule = {
    family,
    table: TABLE,
    chain: chain.name,
    expressions: [
      { kind: 'socket', key: 'transparent', into: register },
      { kind: 'cmp', from: register, operator: '==', data: Buffer.from([1]) },
      { kind: 'immediate', into: register, data: hostU32(MARK) },
      { kind: 'meta', key: 'mark', from: register },
    ],
  } as const;
  return {
    table: { family, name: TABLE },
    counters: [],
    sets: [],
    chains: [{ chain: { ...chain, base }, rules: [rule] }],
  };
}
