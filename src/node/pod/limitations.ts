import type { Happening } from '../../client/index.ts';
import type { Pod } from '../../kube/index.ts';
import type { PodNetwork } from '../network/pod-network.ts';

/** What a pod's spec asks for and this node does not do: the pod runs without it, and its events say so. */
export function limitations(
  { spec }: Pod,
  { opensHostPorts }: Pick<PodNetwork, 'opensHostPorts'>,
): Happening[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const hostPorts = containers.flatMap(({ name, ports = [] }) =>
    ports.flatMap(({ hostPort }) =>
      opensHostPorts || hostPort === undefined || hostPort === 0 || spec.hostNetwork === true
        ? []
        : [
            `hostPort ${hostPort} of container ${name} is not opened on the node: use a Service of type NodePort`,
          ],
    ),
  );
  const shared = (['shareProcessNamespace', 'hostPID', 'hostIPC'] as const)
    .filter((field) => spec[field] === true)
    .map((field) => `spec.${field} has no effect: containers keep their own namespaces`);
  return [
    ...hostPorts.map((message) => ({
      type: 'Warning' as const,
      reason: 'HostPortNotSupported',
      message,
    })),
    ...shared.map((message) => ({
      type: 'Warning' as const,
      reason: 'NamespaceNotShared',
      message,
    })),
  ];
}
