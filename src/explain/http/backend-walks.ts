import { parseAddress } from '../../ip/index.ts';
import type { Backend, Upstream } from '../../routes/index.ts';
import { alternatives, nearest } from '../nearest.ts';
import type { Target } from '../places/place.ts';
import type { Station } from '../places/station.ts';
import { stopped, type Teller, type Told } from '../hops/telling.ts';
import { walk, walkOf, type Walk } from '../walk.ts';
import type { Judged } from './judged.ts';

/** A way with what was told before it. */
function after(told: readonly Told[], { path, ...rest }: Walk): Walk {
  const hops = [...told.map(({ hop }) => hop), ...path.hops];
  return { ...rest, path: { ...path, admits: path.admits && !stopped(told), hops } };
}

function serviceTarget(service: string, port: number | string | undefined): Target {
  const [namespace = '', name = ''] = service.split('/');
  const place = { is: 'object', kind: 'Service', namespace, name } as const;
  return { place, protocol: 'TCP', ...(port === undefined ? {} : { port }) };
}

function upstreamTarget({ ip, port, pod }: Upstream): Target {
  const [namespace = '', name = ''] = pod?.split('/') ?? [];
  if (pod !== undefined) {
    return { place: { is: 'object', kind: 'Pod', namespace, name }, port, protocol: 'TCP' };
  }
  const address = parseAddress(ip);
  const place =
    address === undefined
      ? ({ is: 'name', name: ip } as const)
      : ({ is: 'address', address } as const);
  return { place, port, protocol: 'TCP' };
}

function serviceId(service: string): { kind: string; namespace: string; name: string } {
  const [namespace = '', name = ''] = service.split('/');
  return { kind: 'Service', namespace, name };
}

function tellMissing(teller: Teller, service: string): Told {
  const near = nearest(service, teller.scene.snapshot.services.keys());
  const details = near.length === 0 ? [] : [teller.detail(`did you mean ${alternatives(near)}?`)];
  const sentence = `there is no Service ${service}`;
  return teller.tell(['service', 'stops', 'NO_SUCH_SERVICE'], sentence, { details });
}

/** Why a Service has nobody to ask: what whoever connected to it would be told. */
function emptyWalks(
  teller: Teller,
  controller: Station,
  { told, backend }: { told: readonly Told[]; backend: Backend | undefined },
): Walk[] {
  const { service, port } = backend ?? {};
  if (service === undefined) return [walkOf(teller, controller, told)];
  if (!teller.scene.snapshot.services.has(service)) {
    return [walkOf(teller, controller, [...told, tellMissing(teller, service)])];
  }
  // The controller has the endpoints from the API: it asks for no name.
  return walk(teller, controller, serviceTarget(service, port)).map(({ path, ...rest }) =>
    after(told, {
      ...rest,
      path: { ...path, hops: path.hops.filter(({ step }) => step !== 'name') },
    }),
  );
}

/** The ways of a judged request from the controller on: to each endpoint that may be asked. */
export function backendWalks(
  teller: Teller,
  controller: Station,
  { told, judged: { verdict } }: { told: readonly Told[]; judged: Judged },
): Walk[] {
  const { action, reason, backend } = verdict;
  if (reason === 'NO_UPSTREAM') return emptyWalks(teller, controller, { told, backend });
  if (action !== 'forward' || backend?.service === undefined) {
    return [walkOf(teller, controller, told)];
  }
  const { service, port = '', upstreams } = backend;
  const count =
    upstreams.length === 1 ? 'its ready endpoint' : `one of ${upstreams.length} ready endpoints`;
  const sentence = `Service ${service}, port ${port}: the controller asks ${count} itself`;
  const object = serviceId(service);
  const chosen = teller.tell(['service', 'passes', 'READY_ENDPOINTS'], sentence, { object });
  return upstreams
    .flatMap((upstream) => walk(teller, controller, upstreamTarget(upstream)))
    .map((one) => after([...told, chosen], one));
}
