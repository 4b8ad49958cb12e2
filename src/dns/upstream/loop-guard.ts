import { randomBytes } from 'node:crypto';
import { recordTypes, type Question } from '../../dnswire/index.ts';

/** Questions that are remembered; each configuration asks a few. */
const MAX_PROBES = 256;

/**
 * Knows when our own questions come back. An upstream that is one of our own addresses is never asked; for all others a
 * name nobody else can know is asked once: when it arrives here, whoever it was sent to forwards to us.
 */
export class LoopGuard {
  private readonly own: ReadonlySet<string>;
  private readonly probes = new Map<string, string>();
  private readonly looping = new Set<string>();
  private readonly log: (text: string) => void;

  constructor(ownAddresses: readonly string[], log: (text: string) => void) {
    this.own = new Set(ownAddresses);
    this.log = log;
  }

  isOwn(address: string): boolean {
    return this.own.has(address);
  }

  isLooping(upstream: string): boolean {
    return this.looping.has(upstream);
  }

  /** A question (HINFO, as CoreDNS's loop plugin asks) that only `upstream` is asked. */
  probeFor(upstream: string): Pick<Question, 'name' | 'type'> {
    const name = `${randomBytes(8).toString('hex')}.${randomBytes(8).toString('hex')}.`;
    const [oldest] = this.probes.keys();
    if (this.probes.size >= MAX_PROBES && oldest !== undefined) this.probes.delete(oldest);
    this.probes.set(name, upstream);
    return { name, type: recordTypes.HINFO };
  }

  /** Looks at a question that arrived; true when it is our own. */
  sees({ name, type }: Question): boolean {
    if (type !== recordTypes.HINFO) return false;
    const upstream = this.probes.get(name.toLowerCase());
    if (upstream === undefined) return false;
    this.looping.add(upstream);
    this.log(`dns: ${upstream} forwards back to the cluster: it is not asked any more`);
    return true;
  }
}
