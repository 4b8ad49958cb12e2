import type { EndpointSlice, IngressBackend, Service } from '../kube/index.ts';
import type { Backend, BackendFault, BackendId, Upstream } from './contract.ts';
import type { BackendProtocol } from './policy.ts';
import type { RouteWorld } from './world.ts';

/** What a route asks for, before anybody looks whether it is there. */
export interface BackendWish {
  readonly id: BackendId;
  /** `namespace/name`; absent for resource backends. */
  readonly service?: string;
  readonly port?: number | string;
  readonly protocol: BackendProtocol;
  /** Dial the Service's own address. */
  readonly isVip: boolean;
}

interface WishOptions {
  readonly namespace: string;
  readonly protocol?: BackendProtocol;
  readonly isVip?: boolean;
}

/** The wish of an Ingress's backend. */
export function wishFor(
  { service, resource }: IngressBackend,
  { namespace, protocol, isVip = false }: WishOptions,
): BackendWish {
  const spoken = protocol ?? 'auto';
  if (service === undefined) {
    const { kind = '', name = '', apiGroup = '' } = resource ?? {};
    return { id: `${namespace}/${name} ${kind}.${apiGroup}`, protocol: spoken, isVip: false };
  }
  const key = `${namespace}/${service.name}`;
  const port = service.port?.name || service.port?.number;
  const id = `${key}:${port ?? ''} ${protocol ?? 'http'}${isVip ? ' vip' : ''}`;
  return { id, service: key, port, protocol: protocol ?? 'http', isVip };
}

/** The wish for the first port of a Service: what default backends mean. */
export function wishForService(key: string): BackendWish {
  return { id: `${key}: http`, service: key, protocol: 'http', isVip: false };
}

type ServicePort = NonNullable<Service['spec']['ports']>[number];

/** What is behind a wish at this moment. */
export function resolveBackend(wish: BackendWish, world: RouteWorld): Backend {
  const service = wish.service === undefined ? undefined : world.services.get(wish.service);
  if (wish.service === undefined) return faulty(wish, 'RESOURCE_NOT_SUPPORTED');
  if (service === undefined) return faulty(wish, 'SERVICE_NOT_FOUND');
  const port = portOf(service, wish.port);
  if (service.spec.type === 'ExternalName') return external(wish, service, port);
  if (port === undefined) return faulty(wish, 'PORT_NOT_FOUND');
  const upstreams = wish.isVip
    ? vipUpstreams(service, port)
    : endpointUpstreams(world.slices.get(wish.service) ?? [], port);
  if (upstreams.length === 0) return faulty(wish, 'NO_ENDPOINTS');
  return { ...shapeOf(wish, port), upstreams };
}

function shapeOf(
  { id, service, port, protocol }: BackendWish,
  found?: ServicePort,
): Omit<Backend, 'upstreams'> {
  return { id, service, port, protocol: protocolOf(protocol, found?.appProtocol) };
}

/** What the Service says counts where the Ingress says nothing (KEP-3726). */
function protocolOf(asked: BackendProtocol, appProtocol: string | undefined): BackendProtocol {
  if (asked !== 'http') return asked;
  switch (appProtocol) {
    case 'kubernetes.io/h2c':
      return 'h2c';
    case 'grpc':
      return 'grpc';
    case 'https':
    case 'HTTPS':
      return 'https';
    default:
      return asked;
  }
}

function faulty(wish: BackendWish, fault: BackendFault): Backend {
  return { ...shapeOf(wish), upstreams: [], fault };
}

function portOf({ spec }: Service, wanted: BackendWish['port']): ServicePort | undefined {
  const ports = (spec.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  if (wanted === undefined) return ports[0];
  return ports.find(({ name, port }) => (typeof wanted === 'number' ? port : name) === wanted);
}

/** Whatever the name resolves to when a request comes. */
function external(wish: BackendWish, { spec }: Service, port: ServicePort | undefined): Backend {
  const number = port?.port ?? (typeof wish.port === 'number' ? wish.port : undefined);
  if (number === undefined || !spec.externalName) return faulty(wish, 'PORT_NOT_FOUND');
  return { ...shapeOf(wish, port), upstreams: [{ ip: spec.externalName, port: number }] };
}

function vipUpstreams({ spec }: Service, { port }: ServicePort): Upstream[] {
  const addresses = (spec.clusterIPs ?? [spec.clusterIP]).filter((ip) => ip && ip !== 'None');
  return addresses.slice(0, 1).map((ip) => ({ ip: ip ?? '', port }));
}

/** Ready endpoints, sorted so that equal state gives equal tables; the first family that has any. */
function endpointUpstreams(slices: readonly EndpointSlice[], servicePort: ServicePort): Upstream[] {
  for (const family of ['IPv4', 'IPv6']) {
    const found = new Map<string, Upstream>();
    for (const slice of slices) {
      if (slice.addressType === family) collect(found, slice, servicePort.name ?? '');
    }
    if (found.size > 0) return [...found].sort(byKey).map(([, upstream]) => upstream);
  }
  return [];
}

function collect(found: Map<string, Upstream>, slice: EndpointSlice, portName: string): void {
  const port = slice.ports?.find(
    ({ name = '', protocol = 'TCP' }) => name === portName && protocol === 'TCP',
  )?.port;
  if (port === undefined) return;
  for (const { addresses, conditions, targetRef } of slice.endpoints ?? []) {
    const [ip] = addresses;
    if (ip === undefined || conditions?.ready === false) continue;
    const pod = targetRef?.kind === 'Pod' ? `${targetRef.namespace}/${targetRef.name}` : undefined;
    found.set(`${ip} ${port}`, { ip, port, pod });
  }
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}
