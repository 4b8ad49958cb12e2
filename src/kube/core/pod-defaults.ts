import { canonicalResources, defaultContainer, requestsFromLimits } from './container-defaults.ts';
import type { Container, ContainerPort } from './container.ts';
import type { PodSpec } from './pod-spec.ts';
import type { Pod } from './pod-types.ts';
import { defaultVolume } from './volume-defaults.ts';

/** Every container of the pod: init, main, then ephemeral ones. */
export function allContainers(spec: PodSpec): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

/**
 * Fills in the defaults that pods and pod templates share, as `pkg/apis/core/v1/defaults.go` does; in place.
 * Tolerates a spec without containers: validation, which runs later, says so.
 */
export function defaultPodSpec(spec: PodSpec): void {
  spec.containers ??= [];
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ??= 'default-scheduler';
  spec.securityContext ??= {};
  mirrorServiceAccount(spec);
  for (const container of allContainers(spec)) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  if (spec.overhead !== undefined) canonicalResources(spec.overhead);
}

/** The old and the new name of the field always read alike; the new one wins. */
function mirrorServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName ?? spec.serviceAccount;
  if (name === undefined || name === '') return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

/** What pods get beyond the defaults of their template: a template stays as its author wrote it. */
export function defaultPod(pod: Pod): void {
  pod.spec ??= { containers: [] };
  const { spec } = pod;
  defaultPodSpec(spec);
  spec.enableServiceLinks ??= true;
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  for (const container of containers) {
    requestsFromLimits(container);
    if (spec.hostNetwork === true) (container.ports ?? []).forEach(defaultHostPort);
  }
}

/** In the host's network a container port is a host port. */
function defaultHostPort(port: ContainerPort): void {
  if ((port.hostPort ?? 0) === 0) port.hostPort = port.containerPort;
}
