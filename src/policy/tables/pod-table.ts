import { formatAddress, type Address, type Family } from '../../ip/index.ts';
import type { Pod } from '../../kube/index.ts';
import { addressesOf, isPolicyPod, namedPorts, podId, type NamedPort } from '../policy-pods.ts';
import type { AddressClass } from './class-table.ts';
import type { PodQuery, Term } from './term.ts';

/** A pod with what policies ask of it. */
export interface PodRecord {
  readonly id: string;
  readonly namespace: string;
  pod: Pod;
  ports: readonly NamedPort[];
  /** Addresses it is about to get, known before its status has them. */
  announced: readonly Address[];
  addresses: ReadonlyMap<string, Address>;
  /** Terms that match, but for those about addresses. */
  terms: Set<Term<PodQuery>>;
}

/** An address and the pods that claim it: more than one while one goes and another comes (row 48). */
export interface AddressSlot {
  readonly text: string;
  readonly address: Address;
  readonly claimants: Set<PodRecord>;
  class: AddressClass | undefined;
}

/** Pods by namespace and by address. */
export class PodTable {
  private readonly byId = new Map<string, PodRecord>();
  private readonly byNamespace = new Map<string, Set<PodRecord>>();

  readonly slots = new Map<string, AddressSlot>();
  private readonly families: readonly Family[];

  constructor(families: readonly Family[]) {
    this.families = families;
  }

  /** Takes the pod as it is now; the slots whose claims changed, and its record. */
  set(pod: Pod): { readonly record: PodRecord; readonly slots: readonly AddressSlot[] } {
    const record = this.byId.get(podId(pod)) ?? this.add(pod);
    record.pod = pod;
    record.ports = namedPorts(pod);
    return { record, slots: this.claim(record) };
  }

  announce(pod: Pod, addresses: readonly Address[]): ReturnType<PodTable['set']> {
    const record = this.byId.get(podId(pod)) ?? this.add(pod);
    record.announced = addresses;
    return this.set(pod);
  }

  /** Takes back what was announced; what the pod's status says stays. */
  retract(id: string): readonly AddressSlot[] {
    const record = this.byId.get(id);
    if (record === undefined) return [];
    record.announced = [];
    return this.claim(record);
  }

  remove(id: string): readonly AddressSlot[] {
    const record = this.byId.get(id);
    if (record === undefined) return [];
    this.byId.delete(id);
    this.byNamespace.get(record.namespace)?.delete(record);
    return this.claimAddresses(record, []);
  }

  all(): Iterable<PodRecord> {
    return this.byId.values();
  }

  get(id: string): PodRecord | undefined {
    return this.byId.get(id);
  }

  slotsOf({ addresses }: PodRecord): AddressSlot[] {
    return [...addresses.keys()]
      .map((text) => this.slots.get(text))
      .filter((slot) => slot !== undefined);
  }

  namespaces(): Iterable<string> {
    return this.byNamespace.keys();
  }

  inNamespace(namespace: string): Iterable<PodRecord> {
    return this.byNamespace.get(namespace) ?? [];
  }

  private add(pod: Pod): PodRecord {
    const namespace = pod.metadata.namespace ?? '';
    const record: PodRecord = {
      id: podId(pod),
      namespace,
      pod,
      ports: [],
      announced: [],
      addresses: new Map(),
      terms: new Set(),
    };
    this.byId.set(record.id, record);
    const neighbours = this.byNamespace.get(namespace) ?? new Set();
    this.byNamespace.set(namespace, neighbours.add(record));
    return record;
  }

  private claim(record: PodRecord): AddressSlot[] {
    const { pod, announced } = record;
    const known = isPolicyPod(pod) ? [...announced, ...addressesOf(pod)] : [];
    const wanted = known.filter(({ family }) => this.families.includes(family));
    return this.claimAddresses(record, wanted);
  }

  private claimAddresses(record: PodRecord, wanted: readonly Address[]): AddressSlot[] {
    const old = record.addresses;
    record.addresses = new Map(wanted.map((address) => [formatAddress(address), address]));
    const left = [...old.keys()].filter((text) => !record.addresses.has(text));
    for (const text of left) this.slots.get(text)?.claimants.delete(record);
    for (const [text, address] of record.addresses)
      this.slotOf(text, address).claimants.add(record);
    return [...left, ...record.addresses.keys()]
      .map((text) => this.slots.get(text))
      .filter((slot) => slot !== undefined);
  }

  private slotOf(text: string, address: Address): AddressSlot {
    const known = this.slots.get(text);
    if (known !== undefined) return known;
    const slot = { text, address, claimants: new Set<PodRecord>(), class: undefined };
    this.slots.set(text, slot);
    return slot;
  }
}

/** Whose address it is: one that was announced here, else a running pod before others, else the newest. */
export function ownerOf({ claimants, text }: AddressSlot): PodRecord | undefined {
  const rank = ({ pod, announced }: PodRecord): readonly (boolean | string)[] => [
    announced.some((address) => formatAddress(address) === text),
    pod.status?.phase === 'Running',
    pod.metadata.deletionTimestamp === undefined,
    pod.metadata.creationTimestamp ?? '',
  ];
  if (claimants.size < 2) return [...claimants][0];
  return [...claimants].sort(
    (one, two) => compareRanks(rank(two), rank(one)) || (one.id < two.id ? -1 : 1),
  )[0];
}

function compareRanks(
  one: readonly (boolean | string)[],
  two: readonly (boolean | string)[],
): number {
  for (const [at, value] of one.entries()) {
    const other = two[at] ?? '';
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}
