import { parseAddress, type Address } from '../ip/index.ts';
import { isPodTerminal, isSidecar, type Pod, type Protocol } from '../kube/index.ts';

/** A named port of a pod. */
export interface NamedPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/**
 * Whether policies can select the pod, as target or as peer: a pod in its node's network never (row 28), and one that
 * has ended no longer, because its address may be another's by now (row 47).
 */
export function isPolicyPod(pod: Pod): boolean {
  return pod.spec.hostNetwork !== true && !isPodTerminal(pod);
}

/** The named ports of everything that runs for the pod's life: containers and sidecars (row 15, KEP-753). */
export function namedPorts({ spec }: Pod): NamedPort[] {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  return [...sidecars, ...spec.containers].flatMap(({ ports = [] }) =>
    ports.flatMap(({ name, protocol = 'TCP', containerPort }) =>
      name === undefined || name === '' ? [] : [{ name, protocol, port: containerPort }],
    ),
  );
}

/** What tells pods apart: the uid, or in manifests that no cluster has seen the name. */
export function podId({ metadata }: Pod): string {
  return metadata.uid ?? `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** The addresses in the pod's status, the primary first. */
export function addressesOf({ status }: Pod): Address[] {
  const texts = status?.podIPs?.map(({ ip }) => ip) ?? [status?.podIP ?? ''];
  return texts.map(parseAddress).filter((address) => address !== undefined);
}

/** The pod's primary address. */
export function addressOf(pod: Pod): Address | undefined {
  return addressesOf(pod)[0];
}
