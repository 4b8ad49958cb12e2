/** Until the first check has ended nothing is known. */
export type HealthStatus = 'unknown' | 'healthy' | 'unhealthy';

export interface HealthThresholds {
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

/**
 * What checks say of one node. The first result decides at once; after that it takes as many contrary results in a row
 * as the threshold says to change the verdict.
 */
export class NodeHealth {
  private readonly thresholds: HealthThresholds;
  private contrary = 0;
  private verdict: HealthStatus = 'unknown';

  constructor(thresholds: HealthThresholds) {
    this.thresholds = thresholds;
  }

  get status(): HealthStatus {
    return this.verdict;
  }

  /** Takes note of a check; true when it changed the verdict. */
  record(isSuccess: boolean): boolean {
    const said: HealthStatus = isSuccess ? 'healthy' : 'unhealthy';
    if (said === this.verdict) {
      this.contrary = 0;
      return false;
    }
    this.contrary += 1;
    if (this.verdict !== 'unknown' && this.contrary < this.needed(said)) return false;
    this.verdict = said;
    this.contrary = 0;
    return true;
  }

  private needed(verdict: HealthStatus): number {
    const { healthyThreshold, unhealthyThreshold } = this.thresholds;
    return verdict === 'healthy' ? healthyThreshold : unhealthyThreshold;
  }
}
