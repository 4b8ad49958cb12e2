import type { Family } from '../../ip/index.ts';
import { ANY_OUTSIDER, ANY_POD, type Entry, type PortSetId } from '../compiled.ts';
import type { Direction } from '../contract.ts';
import { admittedPorts, stackOf, type RuleStack } from './admitted.ts';
import type { AddressClass, ClassTable } from './class-table.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { Ledger } from './ledger.ts';
import type { PortSets } from './port-sets.ts';
import type { Strangers } from './strangers.ts';
import type { Region } from './region.ts';

/** What a subject may exchange in one direction: with any pod, with any outsider, and with the peers that differ. */
interface Row {
  readonly direction: Direction;
  readonly subject: AddressClass;
  readonly stack: RuleStack;
  readonly anyPod: PortSetId;
  readonly anyOutsider: PortSetId;
  readonly exceptions: Map<AddressClass, PortSetId>;
}

/** What rows are made of and written to. */
export interface AdmissionParts {
  readonly ledger: Ledger;
  readonly portSets: PortSets;
  readonly classes: ClassTable;
  /** The policies that select a class. */
  readonly policiesOf: (subject: AddressClass) => readonly CompiledPolicy[];
  readonly strangers: Strangers;
}

const directions: readonly Direction[] = ['egress', 'ingress'];

/** The rows of all subjects, sparse: kept up by rows when a subject changes, by cells when a peer does. */
export class Admissions {
  private readonly rows: Readonly<Record<Direction, Map<AddressClass, Row>>> = {
    egress: new Map(),
    ingress: new Map(),
  };
  /** Rows by the peers that have a cell of their own in them. */
  private readonly mentions = new Map<AddressClass, Set<Row>>();
  private readonly dirtyRows: Readonly<Record<Direction, Set<AddressClass>>> = {
    egress: new Set(),
    ingress: new Set(),
  };
  private readonly dirtyCells = new Map<AddressClass, Set<AddressClass>>();
  /** The class of pods that are not known, of each family; it never ends. */
  private readonly unknown = new Map<Family, AddressClass>();
  private readonly parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.parts = parts;
  }

  /** The subject's policies, or what they match, changed. */
  markRow(direction: Direction, subject: AddressClass): void {
    this.dirtyRows[direction].add(subject);
  }

  /** What the peer is to the subject's policies may have changed. */
  markCell(subject: AddressClass, peer: AddressClass): void {
    const peers = this.dirtyCells.get(subject) ?? new Set();
    this.dirtyCells.set(subject, peers.add(peer));
  }

  /** The peer is new, or another than it was: marks the rows that have a cell for it. */
  markPeer(peer: AddressClass): void {
    for (const { subject } of this.mentions.get(peer) ?? []) this.markCell(subject, peer);
    if (peer.kind !== 'unknown pod') return;
    this.unknown.set(peer.family, peer);
    for (const direction of directions) {
      for (const subject of this.rows[direction].keys()) this.markCell(subject, peer);
    }
  }

  /** The class is gone. */
  forget(gone: AddressClass): void {
    this.dirtyCells.delete(gone);
    for (const direction of directions) {
      this.dirtyRows[direction].delete(gone);
      this.dropRow(direction, gone);
    }
    for (const row of this.mentions.get(gone) ?? []) this.setException(row, gone, undefined);
  }

  /** Brings everything that was marked up to date. */
  flush(): void {
    for (const direction of directions) {
      const dirty = this.dirtyRows[direction];
      for (const subject of dirty) this.refreshRow(direction, subject);
      for (const [subject, peers] of this.dirtyCells) {
        if (!dirty.has(subject)) this.refreshCells(direction, subject, peers);
      }
      dirty.clear();
    }
    this.dirtyCells.clear();
  }

  /** The ports that the tables admit; everything where the class is no subject. */
  regionOf(direction: Direction, subject: AddressClass, peer: AddressClass): Region | undefined {
    const row = this.rows[direction].get(subject);
    if (row === undefined) return undefined;
    const fallback = peer.kind === 'pod' ? row.anyPod : row.anyOutsider;
    return this.parts.portSets.regionOf(row.exceptions.get(peer) ?? fallback);
  }

  private refreshRow(direction: Direction, subject: AddressClass): void {
    const { portSets, ledger, policiesOf, strangers } = this.parts;
    const stack = subject.kind === 'pod' ? stackOf(policiesOf(subject), direction) : undefined;
    const old = this.rows[direction].get(subject);
    if (stack === undefined) {
      this.dropRow(direction, subject);
      return;
    }
    const row: Row = {
      direction,
      subject,
      stack,
      anyPod: portSets.retain(admittedPorts(stack, subject, strangers.pod(subject.family))),
      anyOutsider: portSets.retain(
        admittedPorts(stack, subject, strangers.outsider(subject.family)),
      ),
      exceptions: new Map(),
    };
    const peers = this.candidates(row);
    for (const peer of peers) this.refreshCell(row, peer);
    for (const peer of old?.exceptions.keys() ?? []) {
      if (!row.exceptions.has(peer)) ledger.delete(entryOf(row, peer.id, 0));
    }
    if (old !== undefined) this.release(old);
    this.rows[direction].set(subject, row);
    ledger.set(subjectOf(row));
    ledger.set(entryOf(row, ANY_POD, row.anyPod));
    ledger.set(entryOf(row, ANY_OUTSIDER, row.anyOutsider));
  }

  private refreshCells(
    direction: Direction,
    subject: AddressClass,
    peers: ReadonlySet<AddressClass>,
  ): void {
    const row = this.rows[direction].get(subject);
    if (row === undefined) return;
    for (const peer of peers) this.refreshCell(row, peer);
  }

  private refreshCell(row: Row, peer: AddressClass): void {
    if (peer.members === 0 || peer.family !== row.subject.family) return;
    const { portSets } = this.parts;
    const found = portSets.retain(admittedPorts(row.stack, row.subject, peer));
    const fallback = peer.kind === 'pod' ? row.anyPod : row.anyOutsider;
    if (found !== fallback) {
      this.setException(row, peer, found);
      return;
    }
    portSets.release(found);
    this.setException(row, peer, undefined);
  }

  /** Takes over one use of the port set. */
  private setException(row: Row, peer: AddressClass, portSet: PortSetId | undefined): void {
    const { portSets, ledger } = this.parts;
    const old = row.exceptions.get(peer);
    if (old !== undefined) portSets.release(old);
    if (portSet === undefined) {
      if (old === undefined) return;
      row.exceptions.delete(peer);
      this.unmention(row, peer);
      ledger.delete(entryOf(row, peer.id, 0));
      return;
    }
    row.exceptions.set(peer, portSet);
    const rows = this.mentions.get(peer) ?? new Set();
    this.mentions.set(peer, rows.add(row));
    ledger.set(entryOf(row, peer.id, portSet));
  }

  private unmention(row: Row, peer: AddressClass): void {
    const rows = this.mentions.get(peer);
    rows?.delete(row);
    if (rows?.size === 0) this.mentions.delete(peer);
  }

  private dropRow(direction: Direction, subject: AddressClass): void {
    const row = this.rows[direction].get(subject);
    if (row === undefined) return;
    const { ledger } = this.parts;
    this.rows[direction].delete(subject);
    for (const peer of row.exceptions.keys()) ledger.delete(entryOf(row, peer.id, 0));
    this.release(row);
    ledger.delete(entryOf(row, ANY_POD, 0));
    ledger.delete(entryOf(row, ANY_OUTSIDER, 0));
    ledger.delete(subjectOf(row));
  }

  private release(row: Row): void {
    const { portSets } = this.parts;
    portSets.release(row.anyPod);
    portSets.release(row.anyOutsider);
    for (const [peer, portSet] of row.exceptions) {
      portSets.release(portSet);
      this.unmention(row, peer);
    }
  }

  /** The peers that may be more, or less, than strangers: those that a term or a named port of some rule is about. */
  private candidates({ direction, subject, stack }: Row): Set<AddressClass> {
    const { classes, strangers } = this.parts;
    const found = new Set<AddressClass>();
    const unknown = this.unknown.get(subject.family);
    if (unknown !== undefined) found.add(unknown);
    for (const { terms, names } of [
      ...stack.admin,
      ...(stack.plain?.rules ?? []),
      ...stack.baseline,
    ]) {
      for (const term of terms) {
        for (const peer of strangers.differing(term, subject.family)) found.add(peer);
      }
      if (direction === 'ingress') continue;
      for (const { name } of names) for (const peer of classes.withPortName(name)) found.add(peer);
    }
    return found;
  }
}

function entryOf({ direction, subject }: Row, peer: number, portSet: PortSetId): Entry {
  const { family, id } = subject;
  return { table: 'admissions', family, direction, subject: id, peer, portSet };
}

function subjectOf({ direction, subject }: Row): Entry {
  return { table: 'subjects', family: subject.family, direction, class: subject.id };
}
