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
  run(): Promise<ProbeResult>;
  /** Called when `successThreshold` or `failureThreshold` results in a row settle the verdict anew. */
  onVerdict(isHealthy: boolean): void;
  /** Called for each single failure, for its event. */
  onFailure(result: ProbeResult): void;
}

/**
 * Starts probing after `initialDelaySeconds`, then every `periodSeconds`; the verdict is settled by thresholds
 * (core/v1 Probe). A failing verdict is repeated at every further failure, so that a restarted container is judged anew.
 */
export function scheduleProbe(options: ScheduleOptions): ProbeSchedule {
  const { probe, clock } = options;
  const periodMs = (probe.periodSeconds ?? 10) * 1000;
  let isStopped = false;
  let cancel: () => void = () => {};
  let inARow = 0;
  let last: boolean | undefined;
  let verdict: boolean | undefined;

  const settle = (result: ProbeResult): void => {
    inARow = result.isHealthy === last ? inARow + 1 : 1;
    last = result.isHealthy;
    if (!result.isHealthy) options.onFailure(result);
    const threshold = result.isHealthy
      ? (probe.successThreshold ?? 1)
      : (probe.failureThreshold ?? 3);
    if (inARow < threshold || (verdict === result.isHealthy && result.isHealthy)) return;
    verdict = result.isHealthy;
    options.onVerdict(verdict);
  };
  const tick = (): void => {
    void options.run().then((result) => {
      if (!isStopped) settle(result);
      if (!isStopped) cancel = clock.setTimer(periodMs, tick);
      return undefined;
    });
  };
  cancel = clock.setTimer((probe.initialDelaySeconds ?? 0) * 1000, tick);
  return {
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
