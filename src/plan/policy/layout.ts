import type { DataTypeName, SetDefinition } from '../../nft/index.ts';
import type { Direction } from '../../policy/index.ts';
import type { PlanFamily } from '../layout.ts';
import { POLICY_TABLE } from './settings.ts';

/** What one direction has of its own. */
export interface DirectionSets {
  /** Classes that some policy selects in this direction. */
  readonly subjects: SetDefinition;
  /** Subject and peer class, to the port set that the subject may exchange with the peer. */
  readonly admissions: SetDefinition;
}

/** The sets and maps of one table. What differs between policies is elements only. */
export interface PolicySets extends Readonly<Record<Direction, DirectionSets>> {
  /** Address of every pod, to its class. */
  readonly classes: SetDefinition;
  /** Every pod's address with itself: a pod that reached itself through a Service (row 24). */
  readonly self: SetDefinition;
  /** Intervals of all other addresses that policies tell apart, to their class. */
  readonly blocks: SetDefinition;
  /** Port set, protocol and port: what port sets admit. */
  readonly portSets: SetDefinition;
  /** Where an address that no pod has is a pod that nobody knows. */
  readonly podCIDRs: SetDefinition;
  readonly localServices: SetDefinition;
  readonly canaries: SetDefinition;
}

function makeSets(family: PlanFamily): PolicySets {
  const address: DataTypeName = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  const define = (
    name: string,
    rest: Omit<SetDefinition, 'family' | 'table' | 'name'>,
  ): SetDefinition => ({ family, table: POLICY_TABLE, name, ...rest });
  const number = ['mark'] as const;
  const direction = (name: Direction): DirectionSets => ({
    subjects: define(`${name}-subjects`, { key: number }),
    admissions: define(`${name}-admissions`, { key: ['mark', 'mark'], data: number }),
  });
  return {
    classes: define('classes', { key: [address], data: number }),
    self: define('self', { key: [address, address] }),
    blocks: define('blocks', { key: [address], data: number, interval: true }),
    egress: direction('egress'),
    ingress: direction('ingress'),
    portSets: define('port-sets', {
      key: ['mark', 'inet_proto', 'inet_service'],
      interval: true,
    }),
    podCIDRs: define('pod-cidrs', { key: [address], interval: true }),
    localServices: define('local-services', { key: [address] }),
    canaries: define('canaries', { key: [address] }),
  };
}

const setsByFamily = { ip: makeSets('ip'), ip6: makeSets('ip6') } as const;

export function policySets(family: PlanFamily): PolicySets {
  return setsByFamily[family];
}

/** Every set of a table. */
export function allSets(family: PlanFamily): SetDefinition[] {
  const { egress, ingress, ...rest } = policySets(family);
  return [
    ...Object.values(rest),
    egress.subjects,
    egress.admissions,
    ingress.subjects,
    ingress.admissions,
  ];
}

/** Names of chains that other chains refer to. */
export const chainNames = {
  masqueraded: 'masqueraded',
  pods: 'pods',
  drop: (direction: Direction) => `drop-${direction}`,
  peerPod: (direction: Direction) => `${direction}-pod`,
  ports: (direction: Direction) => `${direction}-ports`,
} as const;

/** The counter of what a direction's drop chain dropped. */
export function dropCounter(direction: Direction): string {
  return `${direction}-drops`;
}

/** The counter of what was dropped between pods that only try whether policies work. */
export const CANARY_COUNTER = 'canary-drops';

export const DIRECTIONS: readonly Direction[] = ['egress', 'ingress'];
