import type { Kernel } from '../../src/kernel/index.ts';
import { Nftables } from '../../src/nft/index.ts';

/** As the plan room names it, in both families. */
const TABLE = 'portolan-policy';

/** What a node's kernel holds of network policies, of both families. */
export interface TableSize {
  readonly rules: number;
  readonly elements: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Reads the kernel of one node. @throws NetlinkError. */
export function tableSize(kernel: Kernel, pin: string): TableSize {
  const nftables = new Nftables(kernel.openNetfilterSocket(pin));
  try {
    const tables = nftables.readRuleset().filter(({ table }) => table.name === TABLE);
    return {
      rules: sum(tables.flatMap(({ chains }) => chains.map(({ rules }) => rules.length))),
      elements: sum(tables.flatMap(({ sets }) => sets.map(({ elements }) => elements.length))),
    };
  } finally {
    nftables.close();
  }
}
