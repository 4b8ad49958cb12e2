import { Fault } from '../../fault/index.ts';
import { requireAddress, type Address } from '../../ip/index.ts';
import type { Pod } from '../../kube/index.ts';
import { servingContainers } from '../../services/index.ts';
import type { Target } from '../places/place.ts';
import { podsOfWorkload, requireIn, requirePods } from '../places/find.ts';
import {
  isOwnPod,
  nodeStation,
  outside,
  podStation,
  stationAt,
  type Station,
} from '../places/station.ts';
import { nowhere, type Arrival, type Reach } from './arrival.ts';
import { tellName } from './name.ts';
import { reachService } from './service.ts';
import { reachServiceAt } from './service-address.ts';
import { listed } from './service-port.ts';
import type { Teller } from './telling.ts';

type ObjectTarget = Extract<Target['place'], { is: 'object' }>;

function portNeeded(where: string, ports: readonly string[]): Fault {
  return new Fault({
    code: 'PORT_NEEDED',
    message: `which port of ${where} is meant?`,
    advice: ports.length === 0 ? 'Add :PORT.' : `Add :PORT, one of: ${listed(ports)}.`,
  });
}

function portsOf(pod: Pod, protocol: string) {
  return servingContainers(pod)
    .flatMap(({ ports = [] }) => ports)
    .filter((port) => (port.protocol ?? 'TCP') === protocol);
}

/** The number of a port of a pod: given, named, or the only one that it declares. @throws Fault `PORT_NEEDED` */
function podPort(pod: Pod, { port, protocol }: Target): number {
  if (protocol === 'ICMP') return 0;
  if (typeof port === 'number') return port;
  const declared = portsOf(pod, protocol);
  const fitting = port === undefined ? declared : declared.filter(({ name }) => name === port);
  const numbers = new Set(fitting.map(({ containerPort }) => containerPort));
  const [only] = numbers;
  if (only !== undefined && numbers.size === 1) return only;
  const texts = declared.map(
    ({ containerPort, name }) => `${containerPort}${name ? ` (${name})` : ''}`,
  );
  throw portNeeded(`pod ${pod.metadata.namespace}/${pod.metadata.name}`, texts);
}

/** @throws Fault `PORT_NEEDED` */
function plainPort(where: string, { port, protocol }: Target): number {
  if (protocol === 'ICMP') return 0;
  if (typeof port === 'number') return port;
  throw portNeeded(where, []);
}

/** An address of the destination in a family that the source has, too. */
function arrivalAt(origin: Station, station: Station, port: number): Arrival[] {
  const address =
    station.addresses.find(({ family }) => origin.addresses.some((own) => own.family === family)) ??
    station.addresses[0];
  // A pod that has none yet is told of as such; the address is not used.
  return [{ station, address: address ?? requireAddress('0.0.0.0'), port }];
}

function reachPods(origin: Station, pods: readonly Pod[], target: Target): Reach {
  const arrivals = pods.flatMap((pod) => {
    const isSelf = origin.pod === pod;
    return arrivalAt(origin, isSelf ? origin : podStation(pod), podPort(pod, target));
  });
  return { told: [], arrivals };
}

function reachObject(teller: Teller, origin: Station, target: Target, place: ObjectTarget): Reach {
  const { scene } = teller;
  const { kind, name, namespace = scene.namespace } = place;
  const wanted = { kind, namespace, name };
  if (kind === 'Node') {
    const node = nodeStation(requireIn(scene, scene.snapshot.nodes, { ...wanted, namespace: '' }));
    return reachStation(teller, origin, { station: node, target });
  }
  if (kind === 'Pod') {
    return reachPods(origin, [requireIn(scene, scene.snapshot.pods, wanted)], target);
  }
  if (kind !== 'Service') {
    return reachPods(origin, requirePods(podsOfWorkload(scene, wanted), wanted), target);
  }
  const service = requireIn(scene, scene.snapshot.services, wanted);
  const call = { origin, service, question: target };
  if (!isOwnPod(origin)) return reachService(teller, call);
  const asked = { name: `${name}.${namespace}.svc.${scene.clusterDomain}.`, namespace };
  const { told, resolution } = tellName(teller, asked);
  if (resolution.alias !== undefined) return reachAlias(told, resolution.alias, target);
  if (resolution.addresses.length > 0) return after(told, reachService(teller, call));
  // Why a headless Service has no name is a matter of its endpoints.
  const reach = reachService(teller, call);
  return reach.told.length > 0 ? { told: reach.told, arrivals: [] } : nowhere(told);
}

function after(told: Reach['told'][number], reach: Reach): Reach {
  return { ...reach, told: [told, ...reach.told] };
}

function reachAlias(told: Reach['told'][number], alias: string, target: Target): Reach {
  const name = alias.replace(/\.$/, '');
  const [address = requireAddress('203.0.113.7')] = outside.addresses;
  const station = { name, addresses: outside.addresses };
  return { told: [told], arrivals: [{ station, address, port: plainPort(name, target) }] };
}

/** A node's own address: one of its node ports, or a program of its own. */
function reachStation(
  teller: Teller,
  origin: Station,
  { station, target }: { readonly station: Station; readonly target: Target },
): Reach {
  const [arrival] = arrivalAt(origin, station, plainPort(station.name, target));
  if (arrival === undefined) return nowhere();
  const question = { ...target, port: arrival.port };
  const served = reachServiceAt(teller, origin, { address: arrival.address, question });
  return served ?? { told: [], arrivals: [arrival] };
}

function reachName(teller: Teller, origin: Station, target: Target, name: string): Reach {
  const { scene } = teller;
  const namespace = origin.pod?.metadata.namespace ?? scene.namespace;
  const { told, resolution } = tellName(teller, { name, namespace });
  const { service, addresses, alias, isForwarded } = resolution;
  if (told.hop.outcome === 'stops') {
    return service === undefined
      ? nowhere(told)
      : {
          told: [told, ...reachService(teller, { origin, service, question: target }).told],
          arrivals: [],
        };
  }
  if (alias !== undefined || isForwarded) return reachAlias(told, alias ?? name, target);
  if (service !== undefined && isWhole(resolution)) {
    return after(told, reachService(teller, { origin, service, question: target }));
  }
  const stations = addresses.slice(0, 1).map((address) => stationAt(scene, address));
  return after(told, {
    told: [],
    arrivals: stations.flatMap((station) => {
      const port =
        station.pod === undefined ? plainPort(name, target) : podPort(station.pod, target);
      return arrivalAt(origin, station, port);
    }),
  });
}

/** The Service's own name, not that of one of its endpoints. */
function isWhole({ reason }: { readonly reason: string }): boolean {
  return reason === 'CLUSTER_IP' || reason === 'HEADLESS_ENDPOINTS';
}

function reachAddress(teller: Teller, origin: Station, target: Target, address: Address): Reach {
  const served = reachServiceAt(teller, origin, { address, question: target });
  if (served !== undefined) return served;
  const station = stationAt(teller.scene, address);
  const { pod, name } = station;
  const port = pod === undefined ? plainPort(name, target) : podPort(pod, target);
  return { told: [], arrivals: [{ station, address, port }] };
}

/** From a source to everything that TO may mean to it, in one way or another. */
export function reach(teller: Teller, origin: Station, target: Target): Reach {
  const { place } = target;
  if (place.is === 'address') return reachAddress(teller, origin, target, place.address);
  if (place.is === 'name') return reachName(teller, origin, target, place.name);
  if (place.is === 'object') return reachObject(teller, origin, target, place);
  return { told: [], arrivals: arrivalAt(origin, outside, plainPort('outside', target)) };
}
