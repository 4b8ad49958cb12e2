import { formatAddress } from '../../ip/index.ts';
import type { Entry, TableChanges } from '../compiled.ts';

/** One identity of a table. */
interface Line {
  readonly key: string | number;
  /** As it is now; `undefined` when it is not. */
  entry: Entry | undefined;
  /** As it was when somebody last asked, if it was touched since. */
  before: Entry | undefined;
  isTouched: boolean;
}

/** What an entry maps to; 0 where its identity is all there is to it. */
function valueOf(entry: Entry): number {
  switch (entry.table) {
    case 'classes':
    case 'blocks':
      return entry.class;
    case 'admissions':
      return entry.portSet;
    default:
      return 0;
  }
}

/** Twice a class and a direction are a whole number that a double holds: classes have 26 bits. */
const CLASSES = 2 ** 26;

/** What entries that replace each other have in common. */
function identityOf(entry: Entry): string | number {
  switch (entry.table) {
    case 'classes':
      return `c ${formatAddress(entry.address)}`;
    case 'blocks':
      return `b ${formatAddress(entry.first)} ${formatAddress(entry.last)}`;
    case 'admissions':
      return (entry.subject * CLASSES + entry.peer) * 2 + (entry.direction === 'egress' ? 0 : 1);
    case 'subjects':
      return `s ${entry.direction} ${entry.class}`;
    default:
      return `p ${entry.portSet} ${entry.span.protocols.join(' ')} ${entry.span.ports.join(' ')}`;
  }
}

/**
 * The tables as they are now, and what changed since somebody last asked. An entry that went and came back in between
 * has not changed.
 */
export class Ledger {
  private readonly lines = new Map<string | number, Line>();
  private touched: Line[] = [];

  /** Writes an entry, over one of the same identity. */
  set(entry: Entry): void {
    const key = identityOf(entry);
    const line = this.lines.get(key);
    if (line === undefined) {
      const made = { key, entry, before: undefined, isTouched: true };
      this.lines.set(key, made);
      this.touched.push(made);
    } else if (line.entry === undefined || valueOf(line.entry) !== valueOf(entry)) {
      this.touch(line);
      line.entry = entry;
    }
  }

  /** Removes the entry of this identity, whatever its value. */
  delete(entry: Entry): void {
    const line = this.lines.get(identityOf(entry));
    if (line?.entry === undefined) return;
    this.touch(line);
    line.entry = undefined;
  }

  full(): Entry[] {
    return [...this.lines.values()]
      .map(({ entry }) => entry)
      .filter((entry) => entry !== undefined);
  }

  drain(): TableChanges {
    const removed: Entry[] = [];
    const added: Entry[] = [];
    for (const line of this.touched) {
      const { entry, before } = line;
      const isSame = entry && before && valueOf(entry) === valueOf(before);
      if (before !== undefined && !isSame) removed.push(before);
      if (entry !== undefined && !isSame) added.push(entry);
      if (entry === undefined) this.lines.delete(line.key);
      line.before = undefined;
      line.isTouched = false;
    }
    this.touched = [];
    return { removed, added };
  }

  private touch(line: Line): void {
    if (line.isTouched) return;
    line.isTouched = true;
    line.before = line.entry;
    this.touched.push(line);
  }
}
