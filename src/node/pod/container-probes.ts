import type { Probe } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';
import { runProbe } from '../probe/prober.ts';
import type { ProbeTarget } from '../probe/target.ts';
import { scheduleProbe, type ProbeSchedule } from '../probe/schedule.ts';
import type { ContainerRecord } from './records.ts';

type ProbeKind = 'Startup' | 'Readiness' | 'Liveness';

/** What the probes of one attempt of one container report. */
export interface ProbeListener {
  /** The record's readiness changed, or it is condemned: look at the pod again. */
  changed(): void;
  /** A probe failed once; for the Unhealthy event. */
  failed(message: string): void;
}

export interface ContainerProbesOptions {
  readonly clock: NodeContext['clock'];
  readonly record: ContainerRecord;
  readonly target: ProbeTarget;
  readonly listener: ProbeListener;
}

/** The startup, readiness and liveness probes of one running attempt; they judge its record. */
export class ContainerProbes {
  private readonly options: ContainerProbesOptions;
  private readonly schedules = new Map<ProbeKind, ProbeSchedule>();

  constructor(options: ContainerProbesOptions) {
    this.options = options;
  }

  /** Begins: startup first, the others when it has passed. `isAdopted` keeps the verdicts of before. */
  start(isAdopted: boolean): void {
    const { record } = this.options;
    const { startupProbe } = record.container;
    if (startupProbe !== undefined && !(isAdopted && record.isStarted)) {
      record.isStarted = false;
      record.isReady = false;
      this.schedule('Startup', startupProbe, () => this.begin(false));
      return;
    }
    this.begin(isAdopted);
  }

  private begin(isAdopted: boolean): void {
    const { record, listener } = this.options;
    const { readinessProbe, livenessProbe } = record.container;
    this.stopOne('Startup');
    record.isStarted = true;
    if (readinessProbe === undefined) record.isReady = true;
    else if (!isAdopted) record.isReady = false;
    if (readinessProbe !== undefined) {
      this.schedule('Readiness', readinessProbe, (isHealthy) => {
        record.isReady = isHealthy;
      });
    }
    if (livenessProbe !== undefined) this.schedule('Liveness', livenessProbe, () => {});
    listener.changed();
  }

  private schedule(kind: ProbeKind, probe: Probe, settled: (isHealthy: boolean) => void): void {
    const { clock, record, target, listener } = this.options;
    this.schedules.set(
      kind,
      scheduleProbe({
        probe,
        clock,
        startedAt: record.current?.startedAt ?? clock.now(),
        run: () => runProbe(probe, target),
        onFailure: ({ output }) => listener.failed(`${kind} probe failed: ${output}`),
        onVerdict: (isHealthy) => {
          if (isHealthy || kind === 'Readiness') settled(isHealthy);
          else this.condemn(kind, probe);
          listener.changed();
        },
      }),
    );
  }

  /** The attempt must end; until it has, nothing but its readiness is of interest. */
  private condemn(kind: ProbeKind, probe: Probe): void {
    const { record } = this.options;
    const { terminationGracePeriodSeconds: graceSeconds } = probe;
    record.condemned = {
      message: `Container ${record.container.name} failed ${kind.toLowerCase()} probe, will be restarted`,
      ...(graceSeconds === undefined ? {} : { graceSeconds }),
    };
    this.keepReadinessOnly();
  }

  private stopOne(kind: ProbeKind): void {
    this.schedules.get(kind)?.stop();
    this.schedules.delete(kind);
  }

  /** A container that ends is probed for readiness on, never again for its life. */
  keepReadinessOnly(): void {
    this.stopOne('Startup');
    this.stopOne('Liveness');
  }

  stop(): void {
    for (const schedule of this.schedules.values()) schedule.stop();
    this.schedules.clear();
  }
}
