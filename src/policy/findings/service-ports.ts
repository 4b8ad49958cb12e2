import {
  compileMapSelector,
  keyOf,
  type Pod,
  type Service,
  type ServicePort,
} from '../../kube/index.ts';
import { namedPorts } from '../policy-pods.ts';
import type { Check, FindingWorld } from './finding.ts';
import { destinationsOf, type PortView } from './rule-view.ts';

type PortNumber = NonNullable<PortView['number']>;

/** Where a Service's connections arrive, when it is another port than the one they are sent to. */
interface Translation {
  readonly service: string;
  readonly target: number;
}

/** Ports that are a Service's: policies see those of pods, because translation comes first (row 29). */
export const portsOfServices: Check = ({ world, rules, selected }) =>
  rules.flatMap((rule) => {
    const ports = rule.ports.filter(isOnePort);
    if (ports.length === 0) return [];
    const pods = destinationsOf(rule, selected, world.pods.values());
    const known = forwards(world, pods);
    return ports.flatMap(({ field, number }) => {
      if (isPodPort(pods, number) || isTarget(known, number)) return [];
      const found = translationOf(known, number);
      if (found === undefined) return [];
      const says = `is ${number.port}, the port of Service ${found.service}; its pods are connected to on ${found.target}, and policies see ports of pods`;
      return [{ code: 'PORT_OF_SERVICE', field, says }];
    });
  });

function isOnePort(port: PortView): port is PortView & { readonly number: PortNumber } {
  return port.number !== undefined && port.number.endPort === port.number.port;
}

function isPodPort(pods: readonly Pod[], { protocol, port }: PortNumber): boolean {
  return pods
    .flatMap(({ spec }) => [...(spec.initContainers ?? []), ...spec.containers])
    .flatMap(({ ports = [] }) => ports)
    .some((each) => each.containerPort === port && (each.protocol ?? 'TCP') === protocol);
}

function isTarget(known: readonly Forward[], wanted: PortNumber): boolean {
  return known.some(
    ({ port, target }) => (port.protocol ?? 'TCP') === wanted.protocol && target === wanted.port,
  );
}

function translationOf(
  known: readonly Forward[],
  { protocol, port: wanted }: PortNumber,
): Translation | undefined {
  const found = known.find(
    ({ port, target }) =>
      port.port === wanted && (port.protocol ?? 'TCP') === protocol && target !== wanted,
  );
  return found && { service: keyOf(found.service), target: found.target };
}

interface Forward {
  readonly service: Service;
  readonly port: ServicePort;
  readonly target: number;
}

/** Every port of every Service that selects one of the pods, with where it leads. */
function forwards(world: FindingWorld, pods: readonly Pod[]): Forward[] {
  const byNamespace = Map.groupBy(pods, ({ metadata }) => metadata.namespace);
  return [...world.services.values()].flatMap((service) => {
    const neighbours = byNamespace.get(service.metadata.namespace) ?? [];
    const selector = compileMapSelector(service.spec.selector);
    const behind = neighbours.filter(({ metadata }) => selector.matches(metadata.labels));
    return (service.spec.ports ?? []).flatMap((port) =>
      behind.flatMap((pod) =>
        targetsOf(port, pod).map((target): Forward => ({ service, port, target })),
      ),
    );
  });
}

function targetsOf({ port, protocol = 'TCP', targetPort = port }: ServicePort, pod: Pod): number[] {
  if (typeof targetPort === 'number') return [targetPort];
  return namedPorts(pod)
    .filter((each) => each.name === targetPort && each.protocol === protocol)
    .map((each) => each.port);
}
