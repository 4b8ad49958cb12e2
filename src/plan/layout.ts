import type { Family } from '../ip/index.ts';
import type { DataTypeName, NftFamily, SetDefinition } from '../nft/index.ts';
import type { Masquerading } from '../services/index.ts';
import { TABLE } from './settings.ts';

/** The nft family of a table for addresses of an IP version. */
export type PlanFamily = Extract<NftFamily, 'ip' | 'ip6'>;

export function planFamily(family: Family): PlanFamily {
  return family === 4 ? 'ip' : 'ip6';
}

/**
 * The sets and maps of one table. All Services share them: what differs between Services is elements only, so that
 * the number of chains and rules does not grow with the number of Services.
 */
export interface Sets {
  /** Address, protocol and port of every frontend with endpoints, to the number of its shape. */
  readonly services: SetDefinition;
  /**
   * The number of each shape, to the chain that picks an endpoint. Apart from {@link services}, because the kernel
   * looks for loops through the whole of a verdict map whenever an element with a goto is added to it.
   */
  readonly shapes: SetDefinition;
  /** Frontend and slot number, to the endpoint's address and port. */
  readonly endpoints: SetDefinition;
  /** Frontends without endpoints: rejected, or dropped by a Local policy. */
  readonly refusals: SetDefinition;
  /** Every ClusterIP: ports that its Service does not have are rejected. */
  readonly clusterIPs: SetDefinition;
  /** Local endpoints as source and destination: a pod that reached itself. */
  readonly hairpins: SetDefinition;
  /**
   * Frontend, first address and prefix length of a source block, for load balancers that only some may use. No
   * intervals: the kernel copies the whole of a set of intervals of concatenated keys to change one.
   */
  readonly sourceRanges: SetDefinition;
  /** Frontends with session affinity, to the number of their ServicePort: its sessions are those of all its addresses. */
  readonly sessionPorts: SetDefinition;
  /** ServicePort number and client, to the number of the client's endpoint. The kernel adds these, and they expire. */
  readonly sessions: SetDefinition;
  /** What {@link endpoints} is elsewhere, for frontends with session affinity: to the endpoint's number. */
  readonly sessionSlots: SetDefinition;
  /** The endpoint's number and protocol, to its address and port. */
  readonly sessionEndpoints: SetDefinition;
  /** The endpoint numbers that a session may stay with: a session whose endpoint is not here is over. */
  readonly sessionLive: SetDefinition;
  /** The same for policies that stay on this node. */
  readonly sessionLiveLocal: SetDefinition;
  readonly podCIDRs: SetDefinition;
  readonly serviceCIDRs: SetDefinition;
  /** Pods, Services and nodes: destinations that pods reach under their own address. */
  readonly clusterCIDRs: SetDefinition;
}

/** What nft gives to dynamic sets. When that many clients have a session, those that come have none until one ends. */
const MAX_SESSIONS = 65_535;

function makeSets(family: PlanFamily): Sets {
  const address: DataTypeName = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  const frontend: DataTypeName[] = [address, 'inet_proto', 'inet_service'];
  const define = (
    name: string,
    rest: Omit<SetDefinition, 'family' | 'table' | 'name'>,
  ): SetDefinition => ({ family, table: TABLE, name, ...rest });
  const number = ['mark'] as const;
  const slot = [...frontend, 'numgen'] as const;
  const endpoint = [address, 'inet_service'] as const;
  return {
    services: define('services', { key: frontend, data: number }),
    shapes: define('shapes', { key: number, data: 'verdict' }),
    endpoints: define('endpoints', { key: slot, data: endpoint }),
    refusals: define('refusals', { key: frontend, data: 'verdict' }),
    clusterIPs: define('cluster-ips', { key: [address] }),
    hairpins: define('hairpins', { key: [address, address] }),
    sourceRanges: define('source-ranges', { key: [...frontend, address, 'mark'] }),
    sessionPorts: define('session-ports', { key: frontend, data: number }),
    sessions: define('sessions', {
      key: ['mark', address],
      data: number,
      dynamic: true,
      timeout: true,
      size: MAX_SESSIONS,
    }),
    sessionSlots: define('session-slots', { key: slot, data: number }),
    sessionEndpoints: define('session-endpoints', { key: ['mark', 'inet_proto'], data: endpoint }),
    sessionLive: define('session-live', { key: number }),
    sessionLiveLocal: define('session-live-local', { key: number }),
    podCIDRs: define('pod-cidrs', { key: [address], interval: true }),
    serviceCIDRs: define('service-cidrs', { key: [address], interval: true }),
    clusterCIDRs: define('cluster-cidrs', { key: [address], interval: true }),
  };
}

const setsByFamily = { ip: makeSets('ip'), ip6: makeSets('ip6') } as const;

export function setsOf(family: PlanFamily): Sets {
  return setsByFamily[family];
}

/** Names of chains that other chains or elements refer to. */
export const chainNames = {
  services: 'services',
  refuse: 'refuse',
  unserved: 'unserved',
} as const;

/** The chain that sends a connection to the endpoint of its session. */
export function sendName(masquerade: Masquerading): string {
  return `send-masquerade-${masquerade}`;
}
