import type { Clock } from '../../clock/index.ts';
import type { Message, ResourceRecord } from '../../dnswire/index.ts';
import { keepingOf, type CacheSettings, type Keeping } from '../../names/index.ts';

interface Entry {
  readonly message: Message;
  readonly storedAt: number;
  readonly ttl: number;
}

/** Upstream answers for as long as they may be kept; never one about the cluster. */
export class AnswerCache {
  private readonly settings: CacheSettings;
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

  /** The answer with what is left of its TTLs, and where it was. */
  get(key: string): { readonly message: Message; readonly kind: Keeping['kind'] } | undefined {
    for (const kind of ['success', 'denial'] as const) {
      const entry = this.entries[kind].get(key);
      if (entry === undefined) continue;
      const age = Math.floor((this.clock.now() - entry.storedAt) / 1000);
      if (age < entry.ttl) return { message: aged(entry, age), kind };
      this.entries[kind].delete(key);
    }
    return undefined;
  }

  put(key: string, message: Message): void {
    const keeping = keepingOf(message, this.settings);
    if (keeping === undefined) return;
    const { kind, ttl } = keeping;
    const capacity = this.settings[kind]?.capacity ?? 0;
    const entries = this.entries[kind];
    entries.delete(key);
    // The oldest goes: a Map keeps the order in which keys came.
    const [oldest] = entries.keys();
    if (entries.size >= capacity && oldest !== undefined) entries.delete(oldest);
    if (capacity > 0) entries.set(key, { message, ttl, storedAt: this.clock.now() });
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
