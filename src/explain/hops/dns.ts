import { parseAddress, type Address } from '../../ip/index.ts';
import type { Pod } from '../../kube/index.ts';
import { idOf, idText, type Scene } from '../scene.ts';
import { podStation, type Station } from '../places/station.ts';
import { tellEgress, tellIngress, type Leg } from './judge.ts';
import type { Teller, Told } from './telling.ts';

/** By which every installation of cluster DNS is known. */
const isDns = ({ metadata }: Pod): boolean =>
  metadata.namespace === 'kube-system' && metadata.labels?.['k8s-app'] === 'kube-dns';

/** The address that pods ask. */
export function clusterDns({ snapshot }: Scene): Address | undefined {
  return parseAddress(snapshot.services.get('kube-system/kube-dns')?.spec.clusterIP ?? '');
}

/** Whether the pod can ask cluster DNS at all; undefined for pods that ask others, and where there is none. */
export function tellDns(teller: Teller, origin: Station): Told | undefined {
  const policy = origin.pod?.spec.dnsPolicy ?? 'ClusterFirst';
  if (policy === 'Default' || policy === 'None') return undefined;
  const server = [...teller.scene.snapshot.pods.values()].find(isDns);
  if (server === undefined) return undefined;
  const destination = podStation(server);
  const [address] = destination.addresses;
  if (address === undefined) return undefined;
  const leg: Leg = { source: origin, destination, address, port: 53, protocol: 'UDP' };
  const both = [tellEgress(teller, leg), tellIngress(teller, leg)];
  const stop = both.find(({ hop }) => hop.outcome === 'stops');
  const object = idOf(server);
  if (stop === undefined) {
    const sentence = `${origin.name} may ask cluster DNS (${idText(object)}, 53/UDP)`;
    return teller.tell(['dns', 'passes', 'DNS_ADMITTED'], sentence, { object });
  }
  const { hop, remedy } = stop;
  return teller.tell(
    ['dns', 'stops', 'DNS_NOT_ADMITTED'],
    `${origin.name} cannot ask cluster DNS (${idText(object)}, 53/UDP): ${hop.sentence}`,
    {
      details: hop.details,
      ...(remedy === undefined ? {} : { remedy }),
      ...(hop.object && { object: hop.object }),
    },
  );
}
