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
    const pods = destinationsOf(rule, selected, world.pods.values());
    return rule.ports.flatMap(({ field, number }) => {
      if (number === undefined || number.endPort !== number.port) return [];
      if (isPodPort(pods, number) || isTarget(world, pods, number)) return [];
      const found = translationOf(world, pods, number);
      if (found === undefined) return [];
      const says = `is ${number.port}, the port of Service ${found.service}; its pods are connected to on ${found.target}, and policies see ports of pods`;
      return [{ code: 'PORT_OF_SERVICE', field, says }];
    });
  });

function isPodPort(pods: readonly Pod[], { protocol, port }: PortNumber): boolean {
  return pods
    .flatMap(({ spec }) => [...(spec.initContainers ?? []), ...spec.containers])
    .flatMap(({ ports = [] }) => ports)
    .some((each) => each.containerPort === port && (each.protocol ?? 'TCP') === protocol);
}

function isTarget(world: FindingWorld, pods: readonly Pod[], wanted: PortNumber): boolean {
  return forwards(world, pods).some(
    ({ port, target }) => (port.protocol ?? 'TCP') === wanted.protocol && target === wanted.port,
  );
}

function translationOf(
  world: FindingWorld,
  pods: readonly Pod[],
  { protocol, port: wanted }: PortNumber,
): Translation | undefined {
  const found = forwards(world, pods).find(
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
  return [...world.services.values()].flatMap((service) => {
    const selector = compileMapSelector(service.spec.selector);
    const behind = pods.filter(
      ({ metadata }) =>
        metadata.namespace === service.metadata.namespace && selector.matches(metadata.labels),
    );
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
