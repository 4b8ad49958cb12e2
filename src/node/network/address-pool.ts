import { Fault } from '../../fault/index.ts';
import {
  cidrSize,
  formatAddress,
  formatCidr,
  nthAddress,
  type Address,
  type Cidr,
} from '../../ip/index.ts';

/** The first usable number of a node's block: 0 is the network, 1 stays free for a bridge's gateway. */
const FIRST = 2;

/**
 * Gives pods their addresses: one number, the same in every family's block (10.244.0.7 and fd00:10:244::7). Numbers are
 * given in rising order and only then again, so that a new pod does not inherit what others still remember of an old one.
 */
export class AddressPool {
  private readonly blocks: readonly Cidr[];
  private readonly taken = new Map<string, number>();
  private readonly numbers = new Set<number>();
  private next = FIRST;

  constructor(blocks: readonly Cidr[]) {
    this.blocks = blocks;
  }

  private get last(): number {
    const smallest = this.blocks.reduce((size, block) => {
      const here = cidrSize(block);
      return here < size ? here : size;
    }, 1n << 16n);
    return Number(smallest) - 2;
  }

  /** The addresses of a pod; the same ones again when it has some. @throws Fault `NO_POD_ADDRESS_LEFT`. */
  take(pod: string): readonly Address[] {
    const number = this.taken.get(pod) ?? this.free();
    this.mark(pod, number);
    return this.blocks.map((block) => nthAddress(block, number));
  }

  private free(): number {
    const { last } = this;
    for (let tried = FIRST; tried <= last; tried += 1) {
      const number = this.next;
      this.next = number === last ? FIRST : number + 1;
      if (!this.numbers.has(number)) return number;
    }
    throw new Fault({
      code: 'NO_POD_ADDRESS_LEFT',
      message: `no pod address is left in ${this.blocks.map(formatCidr).join(' and ')}`,
      advice: 'Delete pods of this node, or start the cluster with more nodes.',
    });
  }

  private mark(pod: string, number: number): void {
    this.taken.set(pod, number);
    this.numbers.add(number);
  }

  /** Marks the addresses of a pod that outlived the last daemon. */
  restore(pod: string, address: string): void {
    const { last } = this;
    for (let number = FIRST; number <= last; number += 1) {
      if (this.blocks.some((block) => formatAddress(nthAddress(block, number)) === address)) {
        this.mark(pod, number);
        if (number >= this.next) this.next = number === last ? FIRST : number + 1;
        return;
      }
    }
  }

  /** Frees a pod's addresses; harmless when it has none. */
  release(pod: string): void {
    const number = this.taken.get(pod);
    if (number === undefined) return;
    this.taken.delete(pod);
    this.numbers.delete(number);
  }
}
