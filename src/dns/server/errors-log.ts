import type { CancelTimer, Clock } from '../../clock/index.ts';
import { typeName, type Question } from '../../dnswire/index.ts';
import type { Consolidation, ErrorsSettings } from '../../names/index.ts';

/** One query that failed. */
export interface Failure {
  readonly question: Question | undefined;
  readonly rcode: number;
  readonly reason: string;
}

/** Failures of one kind, counted until their interval is over. */
interface Bin {
  readonly settings: Consolidation;
  readonly expression: RegExp;
  count: number;
  cancel: CancelTimer;
}

/** Tells failures as the `errors` directive wants: line by line, or many alike in one. */
export class ErrorsLog {
  private readonly bins: readonly Bin[];
  private readonly clock: Clock;
  private readonly say: (text: string) => void;

  constructor({ consolidations }: ErrorsSettings, clock: Clock, say: (text: string) => void) {
    this.clock = clock;
    this.say = say;
    this.bins = consolidations.map((settings) => ({
      settings,
      expression: new RegExp(settings.pattern),
      count: 0,
      cancel: () => undefined,
    }));
  }

  tell({ question, rcode, reason }: Failure): void {
    const bin = this.bins.find(({ expression }) => expression.test(reason));
    const asked = `${question?.name ?? '.'} ${typeName(question?.type ?? 0)}`;
    const line = `[ERROR] plugin/errors: ${rcode} ${asked}: ${reason}`;
    if (bin === undefined) this.say(line);
    else this.count(bin, line);
  }

  /** Tells what was counted so far. */
  close(): void {
    for (const bin of this.bins) this.flush(bin);
  }

  private count(bin: Bin, line: string): void {
    bin.count += 1;
    if (bin.count > 1) return;
    if (bin.settings.showsFirst) this.say(line);
    bin.cancel = this.clock.setTimer(bin.settings.intervalMs, () => this.flush(bin));
  }

  private flush(bin: Bin): void {
    const { level, pattern, intervalMs, showsFirst } = bin.settings;
    bin.cancel();
    const { count } = bin;
    bin.count = 0;
    // A single one that was told already needs no second word.
    if (count === 0 || (count === 1 && showsFirst)) return;
    const what = `${count} errors like '${pattern}' occurred in last ${intervalMs / 1000}s`;
    this.say(`[${level.toUpperCase()}] plugin/errors: ${what}`);
  }
}
