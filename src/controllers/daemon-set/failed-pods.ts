import { Backoff, type Clock } from '../../clock/index.ts';
import { isPodTerminal, type DaemonSet, type Pod } from '../../kube/index.ts';
import { nodeOf } from './daemon-pod.ts';

/** As kube-controller-manager: from 1 s to 15 min, forgotten after twice that. */
const LONGEST_MS = 15 * 60_000;

interface Delay {
  readonly backoff: Backoff;
  /** Milliseconds since the epoch before which the next one stays. */
  until: number;
}

/**
 * Pods that have ended, of which a node gets another one only when they are deleted. One that fails again and again is
 * replaced ever later.
 */
export class FailedPods {
  private readonly clock: Clock;
  /** By set and node. */
  private readonly delays = new Map<string, Delay>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The ended pods that may be replaced now, and when to look at the others. */
  due(set: DaemonSet, pods: readonly Pod[]): { readonly pods: Pod[]; readonly againAt: number } {
    const ended = pods.filter(
      (pod) => isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined,
    );
    const now = this.clock.now();
    const isDue = (pod: Pod): boolean => this.delayOf(set, pod).until <= now;
    const waiting = ended.filter((pod) => !isDue(pod));
    return {
      pods: ended.filter(isDue),
      againAt: Math.min(...waiting.map((pod) => this.delayOf(set, pod).until)),
    };
  }

  /** Notes that a pod of {@link due} is deleted. */
  replaced(set: DaemonSet, pod: Pod): void {
    const delay = this.delayOf(set, pod);
    delay.until = this.clock.now() + delay.backoff.next();
  }

  private delayOf(set: DaemonSet, pod: Pod): Delay {
    const key = `${set.metadata.uid ?? ''}/${nodeOf(pod) ?? ''}`;
    const known = this.delays.get(key);
    if (known !== undefined) return known;
    this.forgetOld();
    const options = { baseMs: 1000, capMs: LONGEST_MS, resetAfterMs: 2 * LONGEST_MS };
    const made = { backoff: new Backoff(options, { clock: this.clock }), until: 0 };
    this.delays.set(key, made);
    return made;
  }

  /** Sets and nodes come and go; a delay that would begin anew is no different from none. */
  private forgetOld(): void {
    const before = this.clock.now() - 2 * LONGEST_MS;
    for (const [key, { until }] of this.delays) if (until < before) this.delays.delete(key);
  }
}
