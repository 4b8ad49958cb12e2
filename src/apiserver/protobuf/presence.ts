/**
 * Fields that are pointers in Kubernetes' Go types: there a zero is a statement. All other zeros, false and empty
 * texts are what Go writes for a field that nobody set, and are left out, as `omitempty` does in JSON.
 */
const statingZero: ReadonlySet<string> = new Set([
  'activeDeadlineSeconds',
  'allocateLoadBalancerNodePorts',
  'allowPrivilegeEscalation',
  'automountServiceAccountToken',
  'backoffLimit',
  'backoffLimitPerIndex',
  'blockOwnerDeletion',
  'completions',
  'controller',
  'defaultMode',
  'deletionGracePeriodSeconds',
  'enableServiceLinks',
  'expirationSeconds',
  'failedJobsHistoryLimit',
  'fsGroup',
  'gracePeriodSeconds',
  'hostUsers',
  'immutable',
  'leaseTransitions',
  'maxFailedIndexes',
  'maxSurge',
  'maxUnavailable',
  'minAvailable',
  'mode',
  'optional',
  'orphanDependents',
  'parallelism',
  'partition',
  'priority',
  'privileged',
  'progressDeadlineSeconds',
  'readOnlyRootFilesystem',
  'ready',
  'replicas',
  'revisionHistoryLimit',
  'runAsGroup',
  'runAsNonRoot',
  'runAsUser',
  'serving',
  'setHostnameAsFQDN',
  'shareProcessNamespace',
  'startingDeadlineSeconds',
  'successfulJobsHistoryLimit',
  'suspend',
  'terminating',
  'terminationGracePeriodSeconds',
  'tolerationSeconds',
  'ttlSecondsAfterFinished',
]);

/** True when a decoded value says nothing. */
export function saysNothing(name: string, value: unknown): boolean {
  if (value === '' || value === null) return true;
  return (value === 0 || value === false) && !statingZero.has(name);
}
