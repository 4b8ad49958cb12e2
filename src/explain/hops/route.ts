import { containsAddress, formatAddress, type Address } from '../../ip/index.ts';
import { isPodTerminal, keyOf, type Pod } from '../../kube/index.ts';
import { isOwnPod, outside, type Station } from '../places/station.ts';
import { idOf } from '../scene.ts';
import type { Arrival } from './arrival.ts';
import type { Teller, Told } from './telling.ts';

/** A pod that does not run has nothing to send from and nothing to answer with. */
export function tellNotRunning(
  teller: Teller,
  { pod, addresses, name }: Station,
): Told | undefined {
  if (pod === undefined) return undefined;
  if (isPodTerminal(pod)) {
    const sentence = `${name} has ended (${pod.status?.phase ?? ''}): it has no network any more`;
    return teller.tell(['route', 'stops', 'POD_ENDED'], sentence, { object: idOf(pod) });
  }
  if (addresses.length > 0) return undefined;
  const sentence = `${name} has no address yet: its phase is ${pod.status?.phase ?? 'unknown'}${why(pod)}`;
  return teller.tell(['route', 'stops', 'POD_WITHOUT_ADDRESS'], sentence, { object: idOf(pod) });
}

function why({ status }: Pod): string {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return scheduled?.status === 'False' ? `, ${scheduled.message ?? 'and it has no node'}` : '';
}

function sourceText(origin: Station, { via, station }: Arrival): string {
  if (via === undefined || via.masquerade === 'never') return 'the source address is kept';
  const isKept = via.masquerade === 'off-cluster' && isOwnPod(origin);
  if (isKept) return 'the source address is kept';
  const masked = `node ${via.node ?? ''} puts its own address in place of the source's`;
  return via.node === station.node ? `${masked}, which policies still see` : masked;
}

function betweenPods(teller: Teller, origin: Station, arrival: Arrival): Told {
  const { scene } = teller;
  const { station } = arrival;
  const [from, to] = [origin.pod, station.pod] as [Pod, Pod];
  if (keyOf(from) === keyOf(to)) {
    const sentence =
      arrival.via === undefined
        ? 'the pod reaches its own address, inside its own network'
        : 'the pod reaches itself through its node, which puts its own address in place of the source';
    return teller.tell(['route', 'passes', 'OWN_POD'], sentence);
  }
  if (!scene.isPlaced(from) || !scene.isPlaced(to)) {
    const sentence =
      'on which nodes the pods will run is not known; every node has a route to every pod';
    return teller.tell(['route', 'passes', 'NODES_NOT_KNOWN'], sentence);
  }
  if (origin.node === station.node) {
    return teller.tell(['route', 'passes', 'SAME_NODE'], `both are on node ${origin.node ?? ''}`);
  }
  const sentence = `from node ${origin.node ?? ''} to node ${station.node ?? ''}; ${sourceText(origin, arrival)}`;
  return teller.tell(['route', 'passes', 'OTHER_NODE'], sentence);
}

/** An address that pods or Services could have and none has. */
function tellUnused(teller: Teller, address: Address): Told | undefined {
  const { scene } = teller;
  if (scene.podRanges.some((range) => containsAddress(range, address))) {
    const sentence = `no pod has the address ${formatAddress(address)}`;
    return teller.tell(['route', 'stops', 'NO_SUCH_POD_ADDRESS'], sentence);
  }
  if (scene.serviceRanges.some((range) => containsAddress(range, address))) {
    const sentence = `no Service has the address ${formatAddress(address)}`;
    return teller.tell(['route', 'stops', 'NO_SUCH_SERVICE_ADDRESS'], sentence);
  }
  return undefined;
}

/** The way from the source, after any translation, to the destination. */
export function tellRoute(teller: Teller, origin: Station, arrival: Arrival): Told {
  const { station, address } = arrival;
  if (isOwnPod(origin) && isOwnPod(station)) return betweenPods(teller, origin, arrival);
  if (station.pod === undefined && station.node === undefined) {
    const unused = station === outside ? undefined : tellUnused(teller, address);
    if (unused !== undefined) return unused;
    return leaving(teller, origin);
  }
  if (origin.node === undefined) {
    const kept = sourceText(origin, arrival);
    return teller.tell(
      ['route', 'passes', 'FROM_OUTSIDE'],
      `from outside to ${placeText(station)}; ${kept}`,
    );
  }
  const isSame = origin.node === station.node;
  const reason = isSame ? 'SAME_NODE' : 'OTHER_NODE';
  const sentence = isSame
    ? `both are on node ${origin.node}`
    : `from node ${origin.node} to ${placeText(station)}; ${sourceText(origin, arrival)}`;
  return teller.tell(['route', 'passes', reason], sentence);
}

function placeText({ node, name }: Station): string {
  return node === undefined ? name : `node ${node}`;
}

function leaving(teller: Teller, origin: Station): Told {
  if (origin.node === undefined) {
    return teller.tell(['route', 'unknown', 'OUTSIDE'], 'both are outside the cluster');
  }
  const sentence = isOwnPod(origin)
    ? `leaves the cluster through ${origin.node === undefined || !isPlacedPod(teller, origin) ? 'its node' : `node ${origin.node}`}, which puts its own address in place of the pod's`
    : `leaves the cluster from node ${origin.node}`;
  return teller.tell(['route', 'passes', 'LEAVES_CLUSTER'], sentence);
}

function isPlacedPod({ scene }: Teller, { pod }: Station): boolean {
  return pod !== undefined && scene.isPlaced(pod);
}
