import type { Service, ServiceSpec } from '../kube/index.ts';
import { isForeign } from './desired-balancer.ts';

/** A change that people are told of before the load balancer follows it. */
export interface SpecChange {
  /** The field, as Kubernetes' service controller names it. */
  readonly reason: string;
  /** `OLD -> NEW` */
  readonly message: string;
}

/** By reason: what is told of a load balancer's spec, as text. */
const told: Readonly<Record<string, (spec: ServiceSpec) => string>> = {
  LoadBalancerSourceRanges: ({ loadBalancerSourceRanges: ranges = [] }) => `[${ranges.join(' ')}]`,
  LoadbalancerIP: ({ loadBalancerIP = '' }) => loadBalancerIP,
  ExternalTrafficPolicy: ({ externalTrafficPolicy = '' }) => externalTrafficPolicy,
  HealthCheckNodePort: ({ healthCheckNodePort = 0 }) => String(healthCheckNodePort),
};

/** What changed between two versions of a Service, if either is this cloud's. A change of type stands for all others. */
export function specChanges({ spec: before }: Service, { spec: now }: Service): SpecChange[] {
  if (!isBalanced(before) && !isBalanced(now)) return [];
  if (before.type !== now.type) return [change('Type', before.type ?? '', now.type ?? '')];
  return Object.entries(told)
    .map(([reason, textOf]) => ({ reason, old: textOf(before), next: textOf(now) }))
    .filter(({ old, next }) => old !== next)
    .map(({ reason, old, next }) => change(reason, old, next));
}

function isBalanced(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && !isForeign(spec);
}

function change(reason: string, old: string, next: string): SpecChange {
  return { reason, message: `${old} -> ${next}` };
}
