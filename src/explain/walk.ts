import { endOf, isOwnPod, outside, type Station } from './places/station.ts';
import type { Target } from './places/place.ts';
import type { Address } from '../ip/index.ts';
import type { Hop, Path, Transport } from './contract.ts';
import type { Arrival, Dial } from './hops/arrival.ts';
import { clusterDns, tellDns } from './hops/dns.ts';
import { tellWayIn, waysIn, type WayIn } from './hops/balanced.ts';
import { tellEgress } from './hops/judge.ts';
import { tellListen } from './hops/listen.ts';
import { reach } from './hops/reach.ts';
import { tellNotRunning, tellRoute } from './hops/route.ts';
import { stopped, type Remedy, type Teller, type Told } from './hops/telling.ts';

/** The way of one connection, and what would help where it stops. */
export interface Walk {
  readonly path: Path;
  readonly remedies: readonly Remedy[];
  /** The real ends, for whoever tries. */
  readonly source: Station;
  readonly arrival?: Arrival;
  /** What a program of the source connects to, where that is known. */
  readonly dial?: Dial;
  /** Cluster DNS, when the story begins with a name. */
  readonly dns?: Address;
  /** What a connection speaks; absent where the story is of a request. */
  readonly protocol?: Transport;
}

interface Ends {
  readonly protocol?: Transport;
  readonly arrival?: Arrival;
  readonly dial?: Dial;
  readonly dns?: Address;
}

/** Names of the world outside have no address here. */
function dialOf({ arrival, dial }: Ends): { dial?: Dial } {
  if (dial !== undefined) return { dial };
  if (arrival === undefined || arrival.station.addresses === outside.addresses) return {};
  return { dial: { address: arrival.address, port: arrival.port } };
}

/** A way that is told so far. */
export function walkOf(
  teller: Teller,
  source: Station,
  told: readonly Told[],
  to: Ends = {},
): Walk {
  const { arrival } = to;
  const { scene } = teller;
  const hops: Hop[] = told.map(({ hop }) => hop);
  const ends = {
    source: endOf(scene, source, source.addresses[0]),
    ...(arrival === undefined
      ? {}
      : {
          destination: {
            ...endOf(scene, arrival.station, arrival.address),
            ...(arrival.port === 0 ? {} : { port: arrival.port }),
          },
        }),
  };
  return {
    path: { ...ends, admits: !stopped(told), hops, alike: [] },
    remedies: told.flatMap(({ hop, remedy }) =>
      hop.outcome === 'stops' && remedy !== undefined ? [remedy] : [],
    ),
    source,
    ...(arrival === undefined ? {} : { arrival }),
    ...dialOf(to),
    ...(to.dns === undefined ? {} : { dns: to.dns }),
    ...(to.protocol === undefined ? {} : { protocol: to.protocol }),
  };
}

/** The stations behind the Service: who may leave, which way it goes, who may come in, who listens. */
function tellEnd(teller: Teller, origin: Station, way: WayIn): Told[] {
  const { arrival, protocol } = way;
  const dead = tellNotRunning(teller, arrival.station);
  if (dead !== undefined) return [dead];
  const { station: destination, address, port, via } = arrival;
  const first = via?.frontend;
  const before =
    first === undefined
      ? { destination, address, port }
      : { destination: first.station, address: first.address, port: first.port };
  return [
    tellEgress(teller, { source: origin, ...before, protocol }),
    tellRoute(teller, origin, arrival),
    tellWayIn(teller, origin, way),
    tellListen(teller, arrival, protocol),
  ];
}

/** All the ways that connections of one source may take. */
export function walk(teller: Teller, origin: Station, target: Target): Walk[] {
  const dead = tellNotRunning(teller, origin);
  if (dead !== undefined) return [walkOf(teller, origin, [dead])];
  const dns = target.place.is === 'name' && isOwnPod(origin) ? tellDns(teller, origin) : undefined;
  const { told, arrivals, dial, protocol = target.protocol } = reach(teller, origin, target);
  const dnsAddress = dns === undefined ? undefined : clusterDns(teller.scene);
  const dialled = {
    protocol,
    ...(dial === undefined ? {} : { dial }),
    ...(dnsAddress === undefined ? {} : { dns: dnsAddress }),
  };
  const before = dns === undefined ? told : [dns, ...told];
  if (arrivals.length === 0) return [walkOf(teller, origin, before, dialled)];
  const ways = arrivals.flatMap((arrival) => waysIn(teller, origin, { arrival, protocol }));
  return ways.map((way) =>
    walkOf(teller, origin, [...before, ...tellEnd(teller, origin, way)], {
      arrival: way.arrival,
      ...dialled,
    }),
  );
}
