import type { Clock } from '../../clock/index.ts';
import { rcodes, type Message, type ResourceRecord } from '../../dnswire/index.ts';
import { keepingOf, type CacheSettings, type Keeping } from '../../names/index.ts';

interface Entry {
  readonly message: Message;
  readonly storedAt: number;
  /** Seconds. */
  readonly ttl: number;
  /** Questions since the last gap that was too long for a popular answer. */
  uses: number;
  usedAt: number;
}

/** An answer that is kept. */
export interface Hit {
  readonly message: Message;
  readonly kind: Keeping['kind'];
  /** Past its end, and used only because the settings say so. */
  readonly isStale: boolean;
  /** Popular and near its end: worth asking for anew. */
  readonly isDue: boolean;
}

/** Upstream answers for as long as they may be kept; never one about the cluster. */
export class AnswerCache {
  readonly settings: CacheSettings;
  private readonly clock: Clock;
  private readonly entries: Readonly<Record<Keeping['kind'], Map<string, Entry>>> = {
    success: new Map(),
    denial: new Map(),
  };

  constructor(settings: CacheSettings, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
  }

  size(kind: Keeping['kind']): number {
    return this.entries[kind].size;
  }

  /** The answer with what is left of its TTLs, and where it was. A denial ends when it ends: it would hide what came. */
  get(key: string): Hit | undefined {
    return this.fresh(key, 'success') ?? this.fresh(key, 'denial') ?? this.stale(key);
  }

  put(key: string, message: Message): void {
    const keeping = keepingOf(message, this.settings);
    if (keeping === undefined) return;
    const { kind, ttl } = keeping;
    const { success, denial } = this.entries;
    // A failure takes no answer away: one asked for before its end is good still, one past it is kept for this.
    if (message.rcode === rcodes.SERVFAIL && this.isUsable(key)) return;
    const uses = success.get(key)?.uses ?? 0;
    success.delete(key);
    denial.delete(key);
    const entries = this.entries[kind];
    // The oldest goes: a Map keeps the order in which keys came.
    const [oldest] = entries.keys();
    const capacity = this.settings[kind]?.capacity ?? 0;
    if (entries.size >= capacity && oldest !== undefined) entries.delete(oldest);
    const now = this.clock.now();
    if (capacity > 0) entries.set(key, { message, ttl, storedAt: now, uses, usedAt: now });
  }

  private fresh(key: string, kind: Keeping['kind']): Hit | undefined {
    const entry = this.entries[kind].get(key);
    if (entry === undefined) return undefined;
    const age = this.ageOf(entry);
    if (age < entry.ttl) {
      const message = this.settings.keepsTtl ? entry.message : aged(entry, age);
      return { message, kind, isStale: false, isDue: this.use(entry, age) };
    }
    const staleMs = kind === 'success' ? (this.settings.stale?.forMs ?? 0) : 0;
    if (age >= entry.ttl + staleMs / 1000) this.entries[kind].delete(key);
    return undefined;
  }

  /** Whether there is an answer with records, be it past its end. */
  private isUsable(key: string): boolean {
    const entry = this.entries.success.get(key);
    return entry !== undefined && (this.ageOf(entry) < entry.ttl || this.stale(key) !== undefined);
  }

  private stale(key: string): Hit | undefined {
    const { stale } = this.settings;
    const entry = this.entries.success.get(key);
    if (stale === undefined || entry === undefined) return undefined;
    const age = this.ageOf(entry);
    if (age < entry.ttl || age >= entry.ttl + stale.forMs / 1000) return undefined;
    return { message: aged(entry, entry.ttl), kind: 'success', isStale: true, isDue: false };
  }

  /** Whole seconds. Where the machine's clock was set back nobody knows how many: such an entry has ended. */
  private ageOf({ storedAt }: Entry): number {
    const ms = this.clock.now() - storedAt;
    return ms < 0 ? Number.POSITIVE_INFINITY : Math.floor(ms / 1000);
  }

  /** Counts a question. @returns whether the answer is popular and near its end */
  private use(entry: Entry, age: number): boolean {
    const { prefetch } = this.settings;
    if (prefetch === undefined) return false;
    const now = this.clock.now();
    entry.uses = now - entry.usedAt < prefetch.gapMs ? entry.uses + 1 : 1;
    entry.usedAt = now;
    const threshold = Math.max(1, (entry.ttl * prefetch.percentage) / 100);
    return entry.uses >= prefetch.amount && entry.ttl - age <= threshold;
  }
}

/** No record outlives the entry: what is handed on must not be kept longer than we do. */
function aged({ message, ttl }: Entry, age: number): Message {
  const left = (records: readonly ResourceRecord[]): ResourceRecord[] =>
    records.map((record) => ({ ...record, ttl: Math.max(0, Math.min(record.ttl, ttl) - age) }));
  return {
    ...message,
    answers: left(message.answers),
    authorities: left(message.authorities),
    additionals: left(message.additionals),
  };
}
