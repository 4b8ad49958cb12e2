import type { Container, Pod, Service } from '../../kube/index.ts';
import type { StandInPort } from '../../runtime/index.ts';
import { selects } from './selects.ts';

/** True for the image of a stand-in; work of Portolan's own, such as cluster DNS, looks alike to the runtime but is none. */
export function isStandIn(imageId: string): boolean {
  return imageId.startsWith('stand-in://');
}

function declared(container: Container): StandInPort[] {
  return (container.ports ?? [])
    .filter(({ protocol }) => protocol !== 'SCTP')
    .map(({ containerPort, protocol }) => ({
      port: containerPort,
      protocol: protocol === 'UDP' ? 'UDP' : 'TCP',
    }));
}

/** Ports that probes ask, given by number; names are declared ports anyway. */
function probed(container: Container): StandInPort[] {
  const probes = [container.livenessProbe, container.readinessProbe, container.startupProbe];
  return probes
    .flatMap((probe) => [probe?.httpGet?.port, probe?.tcpSocket?.port, probe?.grpc?.port])
    .map(Number)
    .filter((port) => Number.isInteger(port) && port > 0)
    .map((port) => ({ port, protocol: 'TCP' }));
}

/** Numeric targetPorts of the Services that select the pod. */
function targeted(pod: Pod, services: readonly Service[]): StandInPort[] {
  return services
    .filter((service) => selects(service, pod))
    .flatMap(({ spec }) => spec.ports ?? [])
    .filter(({ protocol }) => protocol !== 'SCTP')
    .map(({ targetPort, port, protocol }) => ({
      port: Number(targetPort ?? port),
      protocol: protocol === 'UDP' ? ('UDP' as const) : ('TCP' as const),
    }))
    .filter(({ port }) => Number.isInteger(port) && port > 0);
}

function unique(ports: readonly StandInPort[]): StandInPort[] {
  return [...new Map(ports.map((port) => [`${port.protocol}/${port.port}`, port])).values()];
}

/**
 * The ports that a stand-in of `container` answers on: what it declares, what its probes ask, what its image exposes;
 * and, for the pod's first container, the targetPorts of Services that no other container declares (design.md).
 */
export function standInPorts(options: {
  readonly pod: Pod;
  readonly container: Container;
  readonly exposed: readonly string[];
  readonly services: readonly Service[];
}): StandInPort[] {
  const { pod, container, exposed, services } = options;
  const own = [...declared(container), ...probed(container)];
  const fromImage = exposed.map((text): StandInPort => {
    const [port, protocol] = text.split('/');
    return { port: Number(port), protocol: protocol === 'udp' ? 'UDP' : 'TCP' };
  });
  if (pod.spec.containers[0]?.name !== container.name) return unique([...own, ...fromImage]);
  const others = pod.spec.containers
    .slice(1)
    .flatMap((other) => [...declared(other), ...probed(other)]);
  const isOthers = (port: StandInPort): boolean =>
    others.some((other) => other.port === port.port && other.protocol === port.protocol);
  return unique([
    ...own,
    ...fromImage,
    ...targeted(pod, services).filter((port) => !isOthers(port)),
  ]);
}
