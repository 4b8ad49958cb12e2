import { formatAddress, parseAddress } from '../../ip/index.ts';
import { isPodTerminal, type Pod } from '../../kube/index.ts';
import type { Snapshot } from '../../snapshot/index.ts';

type Pods = Snapshot['pods'];

/** Kept as long as the pods of a snapshot stay the same; made when a name asks for it. */
const indexes = new WeakMap<Pods, ReadonlyMap<string, Pod>>();

function build(pods: Pods): Map<string, Pod> {
  const found = new Map<string, Pod>();
  for (const pod of pods.values()) {
    if (pod.spec.hostNetwork !== true || isPodTerminal(pod)) continue;
    for (const { ip } of pod.status?.podIPs ?? []) {
      const address = parseAddress(ip);
      if (address === undefined) continue;
      const key = `${pod.metadata.namespace ?? ''}/${formatAddress(address)}`;
      // Several share the address; one of them is enough for the name to be there.
      if (!found.has(key)) found.set(key, pod);
    }
  }
  return found;
}

/** A pod in its node's network, by `namespace/address`: such pods have their node's addresses, and names by them. */
export function hostPodsOf({ pods }: Pick<Snapshot, 'pods'>): ReadonlyMap<string, Pod> {
  const index = indexes.get(pods) ?? build(pods);
  indexes.set(pods, index);
  return index;
}
