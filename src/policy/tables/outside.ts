import {
  cidrOf,
  containsAddress,
  formatAddress,
  parseAddress,
  type Address,
  type Cidr,
} from '../../ip/index.ts';
import type { Node } from '../../kube/index.ts';
import type { BlockTerms } from './address-signer.ts';
import { BlockMap, type Interval } from './block-map.ts';
import type { AddressClass, ClassTable, Signature } from './class-table.ts';
import type { Ledger } from './ledger.ts';
import type { TermTable } from './term-table.ts';
import type { BlockQuery, Term } from './term.ts';

/** What the outside is classified by. */
export interface OutsideParts {
  readonly ledger: Ledger;
  readonly classes: ClassTable;
  readonly terms: TermTable;
  readonly blocks: BlockTerms;
  readonly podRanges: readonly Cidr[];
}

interface NodeRecord {
  readonly node: Node;
  readonly addresses: readonly Address[];
}

/** All addresses that are no known pod's: nodes, the world, and pods not known yet. */
export class Outside {
  private readonly map = new BlockMap();
  private readonly nodes = new Map<string, NodeRecord>();
  private readonly byAddress = new Map<string, NodeRecord>();
  private readonly parts: OutsideParts;

  constructor(parts: OutsideParts) {
    this.parts = parts;
    for (const range of parts.podRanges) this.map.cut(range);
  }

  setNode(node: Node): void {
    this.removeNode(node.metadata.name);
    const record = { node, addresses: nodeAddresses(node) };
    this.nodes.set(node.metadata.name, record);
    for (const address of record.addresses) {
      this.byAddress.set(formatAddress(address), record);
      this.map.cut(cidrOf(address));
    }
  }

  removeNode(name: string): void {
    const record = this.nodes.get(name);
    if (record === undefined) return;
    this.nodes.delete(name);
    for (const address of record.addresses) {
      const text = formatAddress(address);
      if (this.byAddress.get(text) === record) this.byAddress.delete(text);
      this.map.join(cidrOf(address));
    }
  }

  /** The nodes have to be asked again. */
  touchNodes(): void {
    for (const { addresses } of this.nodes.values()) {
      for (const address of addresses) this.map.touch(cidrOf(address));
    }
  }

  addBlock({ query: { block } }: Term<BlockQuery>): void {
    for (const cidr of [block.cidr, ...block.except]) this.map.cut(cidr);
  }

  removeBlock({ query: { block } }: Term<BlockQuery>): void {
    for (const cidr of [block.cidr, ...block.except]) this.map.join(cidr);
  }

  classAt(address: Address): AddressClass | undefined {
    return this.map.classAt(address);
  }

  flush(): void {
    this.map.refresh({
      classes: this.parts.classes,
      classify: (first) => this.classify(first),
      added: (interval) => this.write(interval, 'set'),
      removed: (interval) => this.write(interval, 'delete'),
    });
  }

  private classify(first: Address): Signature | undefined {
    const { family } = first;
    const node = this.byAddress.get(formatAddress(first));
    const isPods = this.parts.podRanges.some((range) => containsAddress(range, first));
    if (node === undefined && isPods)
      return { kind: 'unknown pod', family, terms: new Set(), ports: [] };
    const terms = new Set<Term>(this.parts.blocks.matching(first));
    for (const term of node === undefined ? [] : this.parts.terms.nodes) {
      if (term.query.nodes.matches(node?.node.metadata.labels)) terms.add(term);
    }
    return terms.size === 0 ? undefined : { kind: 'outsider', family, terms, ports: [] };
  }

  private write({ first, last, class: found }: Interval, change: 'set' | 'delete'): void {
    this.parts.ledger[change]({ table: 'blocks', first, last, class: found.id });
  }
}

/** The node's own addresses; its names are none. */
export function nodeAddresses({ status }: Node): Address[] {
  return (status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
    .map(({ address }) => parseAddress(address))
    .filter((address) => address !== undefined);
}
