import { formatAddress } from '../../ip/index.ts';
import type { Entry, TableChanges } from '../compiled.ts';

interface Line {
  readonly entry: Entry;
  readonly value: number;
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

/** What entries that replace each other have in common. */
function identityOf(entry: Entry): string {
  switch (entry.table) {
    case 'classes':
      return `c ${formatAddress(entry.address)}`;
    case 'blocks':
      return `b ${formatAddress(entry.first)} ${formatAddress(entry.last)}`;
    case 'admissions':
      return `a ${entry.direction} ${entry.subject} ${entry.peer}`;
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
  private readonly lines = new Map<string, Line>();
  /** Lines as they were when last asked, of whatever was touched since. */
  private readonly before = new Map<string, Line | undefined>();

  /** Writes an entry, over one of the same identity. */
  set(entry: Entry): void {
    const key = identityOf(entry);
    const value = valueOf(entry);
    const line = this.lines.get(key);
    if (line?.value === value) return;
    this.touch(key, line);
    this.lines.set(key, { entry, value });
  }

  /** Removes the entry of this identity, whatever its value. */
  delete(entry: Entry): void {
    const key = identityOf(entry);
    const line = this.lines.get(key);
    if (line === undefined) return;
    this.touch(key, line);
    this.lines.delete(key);
  }

  full(): Entry[] {
    return [...this.lines.values()].map(({ entry }) => entry);
  }

  drain(): TableChanges {
    const removed: Entry[] = [];
    const added: Entry[] = [];
    for (const [key, old] of this.before) {
      const line = this.lines.get(key);
      if (line?.value === old?.value) continue;
      if (old !== undefined) removed.push(old.entry);
      if (line !== undefined) added.push(line.entry);
    }
    this.before.clear();
    return { removed, added };
  }

  private touch(key: string, line: Line | undefined): void {
    if (!this.before.has(key)) this.before.set(key, line);
  }
}
