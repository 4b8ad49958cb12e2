import type { Clock } from '../../clock/index.ts';
import type { Probe } from '../../kube/index.ts';
import type { ProbeResult } from './target.ts';

/** Runs one probe of one container on its schedule and tells when its verdict changes. */
export interface ProbeSchedule {
  stop(): void;
}

/** What a schedule needs; `run` never throws. */
export interface ScheduleOptions {
  readonly probe: Probe;
  readonly clock: Clock;
  /** When the container started, in milliseconds since the epoch: `initialDelaySeconds` count from then. */
  readonly startedAt: number;
  run(): Promise<ProbeResult>;
  /** Called when `successThreshold` or `failureThreshold` results in a row settle another verdict than the last. */
  onVerdict(isHealthy: boolean): void;
  /** Called for each single failure, for its event. */
  onFailure(result: ProbeResult): void;
}

/** Starts probing after `initialDelaySeconds`, then every `periodSeconds`; thresholds settle the verdict (core/v1 Probe). */
export function scheduleProbe(options: ScheduleOptions): ProbeSchedule {
  const { probe, clock, startedAt } = options;
  const periodMs = (probe.periodSeconds ?? 10) * 1000;
  let isStopped = false;
  let cancel: () => void = () => {};
  let inARow = 0;
  let last: boolean | undefined;
  let verdict: boolean | undefined;

  const settle = (result: ProbeResult): void => {
    const { isHealthy } = result;
    inARow = isHealthy === last ? inARow + 1 : 1;
    last = isHealthy;
    if (!isHealthy) options.onFailure(result);
    const threshold = isHealthy ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (inARow < threshold || verdict === isHealthy) return;
    verdict = isHealthy;
    options.onVerdict(isHealthy);
  };
  const tick = (): void => {
    void options.run().then((result) => {
      if (!isStopped) settle(result);
      if (!isStopped) cancel = clock.setTimer(periodMs, tick);
      return undefined;
    });
  };
  const first = startedAt + (probe.initialDelaySeconds ?? 0) * 1000;
  cancel = clock.setTimer(first - clock.now(), tick);
  return {
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
