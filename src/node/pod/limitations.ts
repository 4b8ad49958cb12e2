import type { Happening } from '../../client/index.ts';
import { requireAddress } from '../../ip/index.ts';
import type { Pod } from '../../kube/index.ts';
import type { PodNetwork } from '../network/pod-network.ts';

/** What a pod stands on, as far as it may fall short of what the pod asks for. */
export interface Given {
  readonly network: Pick<PodNetwork, 'opensHostPorts' | 'isRouted'>;
  readonly podIPs: readonly string[];
}

function warning(reason: string): (message: string) => Happening {
  return (message) => ({ type: 'Warning', reason, message });
}

function closedHostPorts({ spec }: Pod): string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return containers.flatMap(({ name, ports = [] }) =>
    ports
      .filter(({ hostPort = 0 }) => hostPort !== 0)
      .map(
        ({ hostPort }) =>
          `hostPort ${hostPort} of container ${name} is not opened on the node: use a Service of type NodePort`,
      ),
  );
}

/** What of a pod's wishes this node does not fulfil: the pod runs without it, and its events say so. */
export function limitations(pod: Pod, { network, podIPs }: Given): Happening[] {
  const { spec } = pod;
  const isHost = spec.hostNetwork === true;
  const shared = (['shareProcessNamespace', 'hostPID', 'hostIPC'] as const)
    .filter((field) => spec[field] === true)
    .map((field) => `spec.${field} has no effect: containers keep their own namespaces`);
  const lonely = podIPs
    .filter((address) => !isHost && !network.isRouted(requireAddress(address)))
    .map(
      (address) =>
        `${address} is not of the node's pod CIDR: other nodes do not reach the pod; write {{.PodCIDR}} for the subnet in the network configuration`,
    );
  return [
    ...(isHost || network.opensHostPorts ? [] : closedHostPorts(pod)).map(
      warning('HostPortNotSupported'),
    ),
    ...shared.map(warning('NamespaceNotShared')),
    ...lonely.map(warning('AddressNotRouted')),
  ];
}
