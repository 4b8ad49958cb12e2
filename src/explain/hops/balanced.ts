import { keyOf, type Service } from '../../kube/index.ts';
import type { Transport } from '../contract.ts';
import type { Station } from '../places/station.ts';
import { idOf } from '../scene.ts';
import type { Arrival, Translation } from './arrival.ts';
import { seenSource, tellIngress } from './judge.ts';
import type { Remedy, Teller, Told } from './telling.ts';

/** A way that is to be told from the endpoint on. */
export interface WayIn {
  readonly arrival: Arrival;
  readonly protocol: Transport;
  /** What helps where ingress stops it, in place of a rule for the source. */
  readonly remedy?: Remedy;
}

/** What ingress policies of the endpoint make of it. */
export function tellWayIn(teller: Teller, origin: Station, way: WayIn): Told {
  const { arrival, protocol, remedy } = way;
  const { station: destination, address, port } = arrival;
  const source = seenSource(teller.scene, origin, arrival);
  const told = tellIngress(teller, { source, destination, address, port, protocol });
  return told.hop.outcome === 'stops' && remedy !== undefined ? { ...told, remedy } : told;
}

/**
 * A load balancer asks any node: policies of the endpoint see the client where that is the endpoint's own, else the node that
 * was asked. Both ways are told where policies tell them apart.
 */
export function waysIn(teller: Teller, origin: Station, way: WayIn): WayIn[] {
  const { via, station } = way.arrival;
  if (via?.isBalanced !== true || station.node === undefined) return [way];
  const through = (node: string): WayIn => ({
    ...way,
    arrival: { ...way.arrival, via: { ...via, node } },
  });
  const direct = through(station.node);
  const { outcome, reason } = tellWayIn(teller, origin, direct).hop;
  if (reason === 'NO_POLICY_SELECTS') return [direct];
  const other = [...teller.scene.snapshot.nodes.keys()]
    .map(through)
    .find((one) => tellWayIn(teller, origin, one).hop.outcome !== outcome);
  return other === undefined ? [direct] : [direct, { ...other, remedy: keepClients(via) }];
}

function keepClients({ service }: Translation): Remedy {
  return {
    object: idOf(service),
    sentence: `let the load balancer of Service ${keyOf(service)} ask nodes of endpoints alone, which keep the client's address`,
    edit: (object) => {
      (object as unknown as Service).spec.externalTrafficPolicy = 'Local';
    },
  };
}
