import {
  absoluteName,
  recordClasses,
  recordTypes,
  type ResourceRecord,
} from '../../dnswire/index.ts';
import { parseAddress } from '../../ip/index.ts';
import { isHeadless, type Service } from '../../kube/index.ts';
import { addressRecord, addressType, isAsked } from '../reply.ts';
import { readyEndpoints, type NamedEndpoint } from './endpoints.ts';
import {
  missing,
  present,
  type ClusterContext,
  type ClusterQuestion,
  type Finding,
} from './lookup.ts';
import { zonalRequest, type ZonalRequest } from './zonal.ts';

/** A Service that a name leads to. */
interface Target {
  readonly service: Service;
  /** `Service default/web`. */
  readonly object: string;
  /** `web.default.svc.cluster.local.` */
  readonly name: string;
  readonly endpoints: () => readonly NamedEndpoint[];
}

/** A port with a name, at a host with one. */
interface ServicePortAt {
  readonly portName: string;
  readonly protocol: string;
  readonly port: number;
  readonly target: string;
  readonly addresses: readonly string[];
}

function clusterIPs({ spec }: Service): readonly string[] {
  return spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP]);
}

function addressesOf(
  { name, type }: ClusterQuestion,
  addresses: readonly string[],
  ttl: number,
): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (const address of addresses) {
    if (isAsked(addressType(address), type)) records.push(addressRecord(name, address, ttl));
  }
  return records;
}

/** Two names may share an address. */
function distinctAddresses(endpoints: readonly NamedEndpoint[]): string[] {
  return [...new Set(endpoints.map(({ address }) => address))];
}

/** All named ports, of a headless Service at each of its endpoints. Ports without a name have no SRV record. */
function portsOf(target: Target): ServicePortAt[] {
  const { service, name, endpoints } = target;
  const named = (portName = '', protocol = 'TCP'): { portName: string; protocol: string } => ({
    portName: portName.toLowerCase(),
    protocol: protocol.toLowerCase(),
  });
  const all = isHeadless(service)
    ? endpoints().flatMap(({ hostname, address, ports }) =>
        ports.map(({ name: portName, protocol, port = 0 }) => ({
          ...named(portName, protocol),
          port,
          target: `${hostname}.${name}`,
          addresses: [address],
        })),
      )
    : (service.spec.ports ?? []).map(({ name: portName, protocol, port }) => ({
        ...named(portName, protocol),
        port,
        target: name,
        addresses: clusterIPs(service),
      }));
  return all.filter(({ portName }) => portName !== '');
}

/** One host of both families is one target. */
function mergeTargets(ports: readonly ServicePortAt[]): ServicePortAt[] {
  const merged = new Map<string, ServicePortAt>();
  for (const one of ports) {
    const key = `${one.target}:${one.port}/${one.protocol}`;
    const known = merged.get(key);
    const addresses = known === undefined ? one.addresses : [...known.addresses, ...one.addresses];
    merged.set(key, { ...one, addresses });
  }
  return [...merged.values()];
}

/** SRV records of equal weight, with the addresses of their targets beside them. */
function serviceRecords(
  { name }: ClusterQuestion,
  ports: readonly ServicePortAt[],
  { ttl, object }: { readonly ttl: number; readonly object: string },
): Finding {
  const targets = mergeTargets(ports);
  const weight = Math.max(1, Math.floor(100 / targets.length));
  const answers = targets.map(({ port, target }): ResourceRecord => {
    const data = { kind: 'service', priority: 0, weight, port, target } as const;
    return { name, type: recordTypes.SRV, class: recordClasses.IN, ttl, data };
  });
  const additionals = new Map<string, ResourceRecord>();
  for (const { target, addresses } of targets) {
    for (const address of addresses) {
      additionals.set(`${target} ${address}`, addressRecord(target, address, ttl));
    }
  }
  return {
    exists: true,
    answers,
    additionals: [...additionals.values()],
    reason: 'SERVICE_PORT',
    object,
  };
}

function findAlias(target: Target): Finding {
  const { service, object } = target;
  const name = service.spec.externalName ?? '';
  // A name of digits and dots would be asked of the upstream as a name; it cannot have been meant.
  if (name === '' || parseAddress(name) !== undefined) {
    return missing('SERVICE_HAS_NO_ADDRESS', object);
  }
  const alias = absoluteName(name);
  return { exists: true, answers: [], alias, reason: 'EXTERNAL_NAME', object };
}

function isEmpty(target: Target): boolean {
  return target.endpoints().length === 0;
}

/** `SERVICE.NAMESPACE.svc.ZONE` */
function findService(question: ClusterQuestion, target: Target, context: ClusterContext): Finding {
  const { service, object } = target;
  const { ttl, ignoresEmptyServices } = context.selection.settings;
  if (isHeadless(service) ? isEmpty(target) : ignoresEmptyServices && isEmpty(target)) {
    return missing('NO_READY_ENDPOINTS', object);
  }
  if (question.type === recordTypes.SRV) {
    const ports = portsOf(target);
    return ports.length === 0
      ? present([], 'SERVICE_PORT', object)
      : serviceRecords(question, ports, { ttl, object });
  }
  if (isHeadless(service)) {
    const addresses = distinctAddresses(target.endpoints());
    return present(addressesOf(question, addresses, ttl), 'HEADLESS_ENDPOINTS', object);
  }
  const addresses = clusterIPs(service);
  if ((addresses[0] ?? '') === '') return missing('SERVICE_HAS_NO_ADDRESS', object);
  return present(addressesOf(question, addresses, ttl), 'CLUSTER_IP', object);
}

/** `HOSTNAME.SERVICE.NAMESPACE.svc.ZONE`, of Services with an address, too */
function findEndpoint(
  question: ClusterQuestion,
  label: string,
  { target, context }: { readonly target: Target; readonly context: ClusterContext },
): Finding {
  const { object } = target;
  if (label.startsWith('_')) {
    // `_tcp.SERVICE...` is there when a port is below it.
    const isProtocol = portsOf(target).some(({ protocol }) => `_${protocol}` === label);
    return isProtocol ? present([], 'EMPTY_NON_TERMINAL', object) : missing('NO_SUCH_PORT', object);
  }
  const endpoints = target.endpoints().filter(({ hostname }) => hostname === label);
  if (endpoints.length === 0) return missing('NO_SUCH_ENDPOINT', object);
  const addresses = distinctAddresses(endpoints);
  const { ttl } = context.selection.settings;
  return present(addressesOf(question, addresses, ttl), 'ENDPOINT', object);
}

/** `_PORT._PROTOCOL.SERVICE.NAMESPACE.svc.ZONE` */
function findPort(
  question: ClusterQuestion,
  [portLabel = '', protocolLabel = '']: readonly string[],
  { target, context }: { readonly target: Target; readonly context: ClusterContext },
): Finding {
  const { object } = target;
  const ports = portsOf(target).filter(
    ({ portName, protocol }) => `_${portName}` === portLabel && `_${protocol}` === protocolLabel,
  );
  if (ports.length === 0) return missing('NO_SUCH_PORT', object);
  if (!isAsked(recordTypes.SRV, question.type)) return present([], 'SERVICE_PORT', object);
  return serviceRecords(question, ports, { ttl: context.selection.settings.ttl, object });
}

/** `ZONE.pin._zone.SERVICE...`: the endpoints of one zone; with `prefer`, all of them when there are none in it. */
function findInZone(
  question: ClusterQuestion,
  request: ZonalRequest,
  { target, context }: { readonly target: Target; readonly context: ClusterContext },
): Finding {
  const { service, object } = target;
  if (!isHeadless(service)) return missing('NO_SUCH_NAME', object);
  if (request.kind === 'above') return present([], 'EMPTY_NON_TERMINAL', object);
  const all = target.endpoints();
  const own = all.filter(({ zone }) => zone === request.zone);
  if (own.length === 0 && request.isPinned) {
    return { exists: true, answers: [], reason: 'NO_READY_ENDPOINTS', object };
  }
  const chosen = own.length === 0 ? all : own;
  return findService(question, { ...target, endpoints: () => chosen }, context);
}

/** A Service as the names below it need it; what most questions do not ask for is found when it is asked for. */
function targetOf(
  service: Service,
  { key, object, zone }: { readonly key: string; readonly object: string; readonly zone: string },
  { world, selection }: ClusterContext,
): Target {
  return {
    service,
    object,
    get name() {
      return `${service.metadata.name}.${service.metadata.namespace ?? ''}.svc.${zone}`;
    },
    endpoints: () =>
      selection.settings.hidesEndpoints
        ? []
        : readyEndpoints(
            service,
            world.snapshot.slices.get(key) ?? [],
            selection.settings.usesPodNames,
          ),
  };
}

/** What there is under `[...].SERVICE.NAMESPACE.svc.ZONE`. */
export function findServiceName(question: ClusterQuestion, context: ClusterContext): Finding {
  const { labels, zone } = question;
  const above = labels.length - 3;
  const key = `${labels[above + 1] ?? ''}/${labels[above] ?? ''}`;
  const object = `Service ${key}`;
  const service = context.world.snapshot.services.get(key);
  if (service === undefined) return missing('NO_SUCH_SERVICE', object);
  if (!context.selection.hasNames(service)) return missing('SERVICE_NOT_SERVED', object);
  const target = targetOf(service, { key, object, zone }, context);
  if (service.spec.type === 'ExternalName') {
    return above === 0 ? findAlias(target) : missing('NO_SUCH_ENDPOINT', object);
  }
  if (above === 0) return findService(question, target, context);
  const zonal = context.selection.settings.isZonal
    ? zonalRequest(labels.slice(0, above))
    : undefined;
  if (zonal !== undefined) return findInZone(question, zonal, { target, context });
  if (above === 1) return findEndpoint(question, labels[0] ?? '', { target, context });
  if (above === 2) return findPort(question, labels, { target, context });
  return missing('NO_SUCH_NAME', object);
}
