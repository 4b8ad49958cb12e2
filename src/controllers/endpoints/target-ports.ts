import {
  isSidecar,
  type Container,
  type Pod,
  type ServicePort,
  type Service,
} from '../../kube/index.ts';

/** A Service port as one pod serves it. */
export interface ResolvedPort {
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
  readonly appProtocol?: string;
}

/** Init containers that stay serve ports too. */
function servingContainers(pod: Pod): Container[] {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)];
}

function numberOf(
  pod: Pod,
  { targetPort, port, protocol = 'TCP' }: ServicePort,
): number | undefined {
  if (typeof targetPort === 'number' && targetPort !== 0) return targetPort;
  if (typeof targetPort !== 'string' || targetPort === '') return port;
  const found = servingContainers(pod)
    .flatMap(({ ports = [] }) => ports)
    .find((known) => known.name === targetPort && (known.protocol ?? 'TCP') === protocol);
  return found?.containerPort ?? numericText(targetPort);
}

/** A number written as text is a number. */
function numericText(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The Service's ports as this pod serves them; a named port that the pod lacks is left out (row 28). */
export function resolvePorts(service: Service, pod: Pod): ResolvedPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = numberOf(pod, servicePort);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

/** Equal for equal sets of ports. */
export function portsKey(ports: readonly object[]): string {
  return ports
    .map((port) =>
      JSON.stringify(Object.entries(port).sort(([one], [two]) => (one < two ? -1 : 1))),
    )
    .sort()
    .join();
}
