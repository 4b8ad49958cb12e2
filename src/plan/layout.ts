import type { Family } from '../ip/index.ts';
import type { DataTypeName, NftFamily, SetDefinition } from '../nft/index.ts';
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
  /** Address, protocol and port of every frontend with endpoints, to the chain that picks one. */
  readonly services: SetDefinition;
  /** The same with a slot number, to the endpoint's address and port. */
  readonly endpoints: SetDefinition;
  /** Frontends without endpoints: rejected, or dropped by a Local policy. */
  readonly refusals: SetDefinition;
  /** Every ClusterIP: ports that its Service does not have are rejected. */
  readonly clusterIPs: SetDefinition;
  /** Local endpoints as source and destination: a pod that reached itself. */
  readonly hairpins: SetDefinition;
  readonly podCIDRs: SetDefinition;
  readonly serviceCIDRs: SetDefinition;
  /** Pods, Services and nodes: destinations that pods reach under their own address. */
  readonly clusterCIDRs: SetDefinition;
}

function makeSets(family: PlanFamily): Sets {
  const address: DataTypeName = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  const frontend: DataTypeName[] = [address, 'inet_proto', 'inet_service'];
  const define = (
    name: string,
    rest: Pick<SetDefinition, 'key' | 'data' | 'interval'>,
  ): SetDefinition => ({
    family,
    table: TABLE,
    name,
    ...rest,
  });
  return {
    services: define('services', { key: frontend, data: 'verdict' }),
    endpoints: define('endpoints', {
      key: [...frontend, 'numgen'],
      data: [address, 'inet_service'],
    }),
    refusals: define('refusals', { key: frontend, data: 'verdict' }),
    clusterIPs: define('cluster-ips', { key: [address] }),
    hairpins: define('hairpins', { key: [address, address] }),
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
export const chainNames = { services: 'services', refuse: 'refuse', unserved: 'unserved' } as const;
