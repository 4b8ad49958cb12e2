import type { Address } from '../../ip/index.ts';
import { judgeConnection, type ConnectionVerdict, type Party } from '../../policy/index.ts';
import { ruleRemedy } from '../change/policy-rule.ts';
import type { Transport } from '../contract.ts';
import { addressIn, isOwnPod, nodeStation, partyOf, type Station } from '../places/station.ts';
import type { Scene } from '../scene.ts';
import type { Arrival } from './arrival.ts';
import { tellDirection } from './policy.ts';
import type { Teller, Told } from './telling.ts';

/** IANA protocol numbers; ICMP by family. */
export function protocolNumber(protocol: Transport, family: 4 | 6): number {
  if (protocol === 'ICMP') return family === 4 ? 1 : 58;
  return { TCP: 6, UDP: 17, SCTP: 132 }[protocol];
}

/** A connection between two stations, as policies see it. */
export interface Leg {
  readonly source: Station;
  readonly destination: Station;
  readonly address: Address;
  readonly port: number;
  readonly protocol: Transport;
}

function judge(scene: Scene, leg: Leg): ConnectionVerdict {
  const { family } = leg.address;
  const destination: Party = { ...partyOf(leg.destination, family), address: leg.address };
  return judgeConnection(scene.world, {
    source: partyOf(leg.source, family),
    destination,
    protocol: protocolNumber(leg.protocol, family),
    port: leg.port,
  });
}

/** Egress is judged where the connection starts, before another node translates it. */
export function tellEgress(teller: Teller, leg: Leg): Told {
  const { scene } = teller;
  const verdict = judge(scene, leg).egress;
  const { destination: peer, address: peerAddress, port, protocol } = leg;
  const remedy = ruleRemedy(scene, { verdict, peer, peerAddress, port, protocol });
  return tellDirection(teller, {
    verdict,
    subject: leg.source,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** Ingress is judged where the connection ends. */
export function tellIngress(teller: Teller, leg: Leg): Told {
  const { scene } = teller;
  const verdict = judge(scene, leg).ingress;
  const { source: peer, port, protocol } = leg;
  const peerAddress = addressIn(peer, leg.address.family) ?? leg.address;
  const remedy = ruleRemedy(scene, { verdict, peer, peerAddress, port, protocol });
  return tellDirection(teller, {
    verdict,
    subject: leg.destination,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** Who the program at the end sees: any node that puts its own address in place of the source's, the destination's too. */
export function seenClient({ snapshot }: Scene, origin: Station, { via }: Arrival): Station {
  if (via === undefined || via.node === undefined || via.masquerade === 'never') return origin;
  if (via.masquerade === 'off-cluster' && isOwnPod(origin)) return origin;
  const node = snapshot.nodes.get(via.node);
  return node === undefined ? origin : nodeStation(node);
}

/** Who policies of the destination see: the node that translated, where that is another one: it changes sources last. */
export function seenSource(scene: Scene, origin: Station, arrival: Arrival): Station {
  return arrival.via?.node === arrival.station.node ? origin : seenClient(scene, origin, arrival);
}
