import { compareAddresses, formatAddress, isSameAddress, type Address } from '../../ip/index.ts';
import { ANY_OUTSIDER, ANY_POD, type ClassId, type Entry } from '../compiled.ts';
import type { Direction } from '../contract.ts';

/** A packet that begins a connection. */
export interface Probe {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  readonly port: number;
}

type EntryOf<T extends Entry['table']> = Extract<Entry, { table: T }>;

/** Reads compiled tables as the kernel does: the second opinion that tests ask. */
export class TableJudge {
  private readonly classes = new Map<string, ClassId>();
  private readonly blocks: EntryOf<'blocks'>[] = [];
  private readonly subjects = new Set<string>();
  private readonly admissions = new Map<string, number>();
  private readonly spans = new Map<number, EntryOf<'portSets'>['span'][]>();

  constructor(entries: Iterable<Entry>) {
    for (const entry of entries) this.read(entry);
  }

  /** Whether both directions admit; what never leaves a pod, or a node, is not asked here. */
  admits(probe: Probe): boolean {
    const { source, destination } = probe;
    if (isSameAddress(source, destination)) return true;
    return (
      this.admitsOne('egress', { ...probe, subject: source, peer: destination }) &&
      this.admitsOne('ingress', { ...probe, subject: destination, peer: source })
    );
  }

  private admitsOne(
    direction: Direction,
    { subject, peer, protocol, port }: Probe & { subject: Address; peer: Address },
  ): boolean {
    const own = this.classes.get(formatAddress(subject));
    if (own === undefined || !this.subjects.has(`${direction} ${own}`)) return true;
    const set = this.portSetOf(direction, own, peer);
    return (this.spans.get(set) ?? []).some(
      ({ protocols, ports }) => isWithin(protocol, protocols) && isWithin(port, ports),
    );
  }

  private portSetOf(direction: Direction, own: ClassId, peer: Address): number {
    const pod = this.classes.get(formatAddress(peer));
    const found = pod ?? this.blockOf(peer);
    const fallback = pod === undefined ? ANY_OUTSIDER : ANY_POD;
    const exact = this.admissions.get(`${direction} ${own} ${found}`);
    return exact ?? this.admissions.get(`${direction} ${own} ${fallback}`) ?? 0;
  }

  private blockOf(address: Address): ClassId | undefined {
    return this.blocks.find(
      ({ first, last }) =>
        compareAddresses(first, address) <= 0 && compareAddresses(address, last) <= 0,
    )?.class;
  }

  private read(entry: Entry): void {
    if (entry.table === 'classes') this.classes.set(formatAddress(entry.address), entry.class);
    if (entry.table === 'blocks') this.blocks.push(entry);
    if (entry.table === 'subjects') this.subjects.add(`${entry.direction} ${entry.class}`);
    if (entry.table === 'admissions') {
      this.admissions.set(`${entry.direction} ${entry.subject} ${entry.peer}`, entry.portSet);
    }
    if (entry.table === 'portSets') {
      const spans = this.spans.get(entry.portSet) ?? [];
      this.spans.set(entry.portSet, [...spans, entry.span]);
    }
  }
}

function isWithin(value: number, [first, last]: readonly [number, number]): boolean {
  return first <= value && value <= last;
}
