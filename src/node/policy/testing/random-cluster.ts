import type {
  ClusterNetworkPolicy,
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  StringMap,
} from '../../../kube/index.ts';

/** Numbers that are the same for the same seed (mulberry32). */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** From 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new RangeError('there is nothing to pick from');
    return values[this.below(values.length)] as T;
  }

  /** `from` to `to` values, each made anew. */
  some<T>(from: number, to: number, make: () => T): T[] {
    return Array.from({ length: from + this.below(to - from + 1) }, make);
  }
}

export const NAMESPACES = ['red', 'green', 'blue'] as const;
const APPS = ['web', 'api', 'db'] as const;
const TIERS = ['front', 'back'] as const;
const PORT_NAMES = ['http', 'alt', 'dns', 'absent'] as const;

type PolicySpec = NetworkPolicy['spec'];
type ClusterSpec = ClusterNetworkPolicy['spec'];
type ClusterPeers = NonNullable<ClusterSpec['ingress']>[number]['from'];
type ClusterRule = NonNullable<ClusterSpec['ingress']>[number];
type Protocols = ClusterRule['protocols'];

/** Makes everything of a cluster that policies look at, from dice. */
export class RandomCluster {
  private readonly dice: Dice;
  private readonly blocks: readonly string[];

  /** `blocks` is what ipBlocks are made of: addresses and CIDRs of both families. */
  constructor(dice: Dice, blocks: readonly string[]) {
    this.dice = dice;
    this.blocks = blocks;
  }

  podLabels(): StringMap {
    const { dice } = this;
    return {
      app: dice.pick(APPS),
      ...(dice.chance(0.5) && { tier: dice.pick(TIERS) }),
    };
  }

  namespaceLabels(): StringMap {
    return this.dice.chance(0.7) ? { team: this.dice.pick(['a', 'b']) } : {};
  }

  policy(): PolicySpec {
    const { dice } = this;
    const types = dice.pick([undefined, ['Ingress'], ['Egress'], ['Ingress', 'Egress']] as const);
    return {
      podSelector: this.selector(0.3),
      ...(types && { policyTypes: [...types] }),
      ...(dice.chance(0.8) && {
        ingress: dice.some(0, 3, () => ({ ...this.peers('from'), ...this.ports() })),
      }),
      ...(dice.chance(0.8) && {
        egress: dice.some(0, 3, () => ({ ...this.peers('to'), ...this.ports() })),
      }),
    };
  }

  clusterPolicy(): ClusterSpec {
    const { dice } = this;
    const rule = (): { action: ClusterRule['action']; protocols?: Protocols } => ({
      action: dice.pick(['Accept', 'Deny', 'Pass']),
      ...(dice.chance(0.6) && { protocols: this.protocols() }),
    });
    return {
      tier: dice.pick(['Admin', 'Baseline']),
      // Whose turn it is among equals is up to the implementation; model and tables agree on it.
      priority: dice.below(1000),
      subject: this.subject(),
      ingress: dice.some(0, 3, () => ({ ...rule(), from: dice.some(1, 2, () => this.subject()) })),
      egress: dice.some(0, 3, () => ({ ...rule(), to: dice.some(1, 2, () => this.egressPeer()) })),
    };
  }

  private subject(): ClusterPeers[number] {
    if (this.dice.chance(0.4)) return { namespaces: this.namespaceSelector() };
    return {
      pods: { podSelector: this.selector(0.3), namespaceSelector: this.namespaceSelector() },
    };
  }

  private egressPeer(): NonNullable<ClusterSpec['egress']>[number]['to'][number] {
    const { dice } = this;
    if (dice.chance(0.2)) return { networks: [this.block()] };
    if (dice.chance(0.2)) return { nodes: { matchLabels: { zone: dice.pick(['east', 'west']) } } };
    return this.subject();
  }

  private protocols(): NonNullable<Protocols> {
    const { dice } = this;
    return dice.some(1, 2, () => {
      if (dice.chance(0.3)) return { destinationNamedPort: dice.pick(PORT_NAMES) };
      const destinationPort = dice.chance(0.3)
        ? { range: { start: 53, end: dice.pick([80, 81, 8080]) } }
        : { number: dice.pick([53, 80, 81, 8080]) };
      return dice.chance(0.5)
        ? { tcp: dice.chance(0.8) ? { destinationPort } : {} }
        : { udp: dice.chance(0.8) ? { destinationPort } : {} };
    });
  }

  private peers<Side extends 'from' | 'to'>(
    side: Side,
  ): Partial<Record<Side, NetworkPolicyPeer[]>> {
    const { dice } = this;
    if (dice.chance(0.15)) return {};
    return { [side]: dice.some(dice.chance(0.1) ? 0 : 1, 2, () => this.peer()) } as Partial<
      Record<Side, NetworkPolicyPeer[]>
    >;
  }

  private peer(): NetworkPolicyPeer {
    const { dice } = this;
    if (dice.chance(0.25)) {
      const cidr = this.block();
      const [address, bits] = cidr.split('/');
      const except = `${address}/${Number(bits) + 1}`;
      const isCut = dice.chance(0.3) && ![32, 128].includes(Number(bits));
      return { ipBlock: { cidr, ...(isCut && { except: [except] }) } };
    }
    const which = dice.below(3);
    return {
      ...(which !== 1 && { podSelector: this.selector(0.2) }),
      ...(which !== 0 && { namespaceSelector: this.namespaceSelector() }),
    };
  }

  private block(): string {
    return this.dice.pick(this.blocks);
  }

  private ports(): { ports?: NetworkPolicyPort[] } {
    const { dice } = this;
    if (dice.chance(0.35)) return {};
    return { ports: dice.some(dice.chance(0.1) ? 0 : 1, 3, () => this.port()) };
  }

  private port(): NetworkPolicyPort {
    const { dice } = this;
    const protocol = dice.pick(['TCP', 'UDP', 'SCTP', undefined] as const);
    const base = protocol === undefined ? {} : { protocol };
    if (dice.chance(0.15)) return base;
    if (dice.chance(0.3)) return { ...base, port: dice.pick(PORT_NAMES) };
    const port = dice.pick([53, 79, 80, 81, 5353, 8080]);
    return { ...base, port, ...(dice.chance(0.3) && { endPort: port + dice.below(8000) }) };
  }

  private selector(emptiness: number): LabelSelector {
    const { dice } = this;
    if (dice.chance(emptiness)) return {};
    if (dice.chance(0.5)) return { matchLabels: { app: dice.pick(APPS) } };
    return {
      matchExpressions: [
        dice.pick([
          { key: 'app', operator: 'In' as const, values: [dice.pick(APPS), dice.pick(APPS)] },
          { key: 'app', operator: 'NotIn' as const, values: [dice.pick(APPS)] },
          { key: 'tier', operator: 'Exists' as const },
          { key: 'tier', operator: 'DoesNotExist' as const },
          { key: 'tier', operator: 'NotIn' as const, values: [dice.pick(TIERS)] },
        ]),
      ],
    };
  }

  private namespaceSelector(): LabelSelector {
    const { dice } = this;
    return dice.pick<LabelSelector>([
      {},
      { matchLabels: { team: dice.pick(['a', 'b']) } },
      { matchLabels: { 'kubernetes.io/metadata.name': dice.pick(NAMESPACES) } },
      { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] },
      {
        matchExpressions: [
          {
            key: 'kubernetes.io/metadata.name',
            operator: 'NotIn',
            values: [dice.pick(NAMESPACES)],
          },
        ],
      },
    ]);
  }
}
