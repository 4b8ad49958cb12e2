import { formatAddress, nthAddress, requireCidr, type Cidr } from '../../ip/index.ts';

/**
 * What nobody has decided yet of objects that are only written down, and what was taken for it: those who tell must not
 * tell it as a fact.
 */
export interface Assumptions {
  /** Canonical texts. */
  readonly addresses: ReadonlySet<string>;
  /** `namespace/name` of pods whose node is not known. */
  readonly placements: ReadonlySet<string>;
  /** `namespace/name` of pods that stand for what a template would make, or that every cluster has. */
  readonly pods: ReadonlySet<string>;
}

/** Both families; the blocks that a cluster of `portolan start` has. */
const blocks = {
  pods: ['10.244.0.0/16', 'fd00:10:244::/56'],
  services: ['10.96.0.0/12', 'fd00:10:96::/112'],
  nodes: ['172.18.0.0/16', 'fd00:172:18::/64'],
  balancers: ['172.19.0.0/16', 'fd00:172:19::/64'],
} as const;

/** Gives out what is missing, and remembers that it was not there. */
export class Assumed implements Assumptions {
  readonly addresses = new Set<string>();
  readonly placements = new Set<string>();
  readonly pods = new Set<string>();
  readonly #taken: ReadonlySet<string>;
  readonly #next = { pods: 2, services: 11, nodes: 2, balancers: 1 };
  #nextNodePort = 30_000;

  /** @param taken addresses that objects have already */
  constructor(taken: ReadonlySet<string>) {
    this.#taken = taken;
  }

  /** An address of each family of a block that nobody has, the IPv4 one first. */
  take(block: keyof typeof blocks): string[] {
    const families = blocks[block].map(requireCidr);
    let found: string[];
    do {
      found = this.#at(families, this.#next[block]);
      this.#next[block] += 1;
    } while (found.some((address) => this.#taken.has(address)));
    for (const address of found) this.addresses.add(address);
    return found;
  }

  #at(families: readonly Cidr[], number: number): string[] {
    return families.map((family) => formatAddress(nthAddress(family, number)));
  }

  nodePort(): number {
    this.#nextNodePort += 1;
    return this.#nextNodePort - 1;
  }
}
