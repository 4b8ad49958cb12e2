import type { PodWire } from '../network/pod-network.ts';
import type { DnsSettings } from '../pod/name-files.ts';

/** What a runtime can tell plugins besides their configuration (the conventions of CNI, "Dynamic plugin specific fields"). */
export function capabilitiesOf(
  { namespace, hostPorts }: PodWire,
  podCidrs: readonly string[],
  { clusterServers, clusterDomain: zone }: DnsSettings,
): Record<string, unknown> {
  return {
    portMappings: hostPorts.map(({ protocol, ...port }) => ({
      ...port,
      protocol: protocol.toLowerCase(),
    })),
    dns: {
      servers: clusterServers,
      searches: [`${namespace}.svc.${zone}`, `svc.${zone}`, zone],
      options: ['ndots:5'],
    },
    ipRanges: podCidrs.map((subnet) => [{ subnet }]),
  };
}

/** What of the pod goes into CNI_ARGS, as containerd and CRI-O put it. */
export function argumentsOf({ namespace, name, uid }: PodWire, containerID: string): string {
  return [
    'IgnoreUnknown=1',
    `K8S_POD_NAMESPACE=${namespace}`,
    `K8S_POD_NAME=${name}`,
    `K8S_POD_INFRA_CONTAINER_ID=${containerID}`,
    `K8S_POD_UID=${uid}`,
  ].join(';');
}
