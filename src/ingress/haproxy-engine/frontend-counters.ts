import type { IngressEngine } from '../engine.ts';
import type { RuntimeSocket } from './runtime-socket.ts';

const READ_MS = 1000;

type Counts = ReturnType<IngressEngine['counters']>;

/** Connections and requests of HAProxy's doors, read once a second: whoever asks is told at once. */
export class FrontendCounters {
  private readonly runtime: () => RuntimeSocket | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly seen = new Map<RuntimeSocket, Counts>();

  constructor(runtime: () => RuntimeSocket | undefined) {
    this.runtime = runtime;
    this.timer = setInterval(() => void this.refresh(), READ_MS).unref();
  }

  private async refresh(): Promise<void> {
    const runtime = this.runtime();
    if (runtime === undefined) return;
    // A process that has just ended counts with what was read of it last.
    const answer = await runtime.ask('show stat -1 1 -1').catch(() => undefined);
    if (answer !== undefined) this.seen.set(runtime, countsIn(answer));
  }

  /** Totals of all processes there have been; what is open is that of the present one. */
  read(): Counts {
    const all = [...this.seen.values()];
    const present = this.runtime();
    return {
      active: (present === undefined ? undefined : this.seen.get(present))?.active ?? 0,
      accepted: all.reduce((sum, { accepted }) => sum + accepted, 0),
      requests: all.reduce((sum, { requests }) => sum + requests, 0),
    };
  }

  close(): void {
    clearInterval(this.timer);
  }
}

/** Sums of the frontends in HAProxy's CSV (management guide, section 9.1). */
function countsIn(csv: string): Counts {
  const [head = '', ...rows] = csv.split('\n');
  const names = head.replace(/^# /u, '').split(',');
  const sum = (name: string): number =>
    rows.reduce((total, row) => total + Number(row.split(',')[names.indexOf(name)] ?? 0), 0);
  return { active: sum('scur'), accepted: sum('stot'), requests: sum('req_tot') };
}
