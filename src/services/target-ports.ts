import {
  isSidecar,
  type Container,
  type Pod,
  type ServicePort,
  type Service,
} from '../kube/index.ts';

/** A Service port as one pod serves it. */
export interface ResolvedPort {
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
  readonly appProtocol?: string;
}

/** The containers that serve ports: those of the pod, then init containers that stay (KEP-753). */
export function servingContainers(pod: Pod): Container[] {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)];
}

/**
 * The number of a Service's port in one pod; undefined when the pod has no port of that name (row 28). Text is always a
 * name, and no name is all digits (RFC 6335, section 5.1): the API server refuses `"8080"`.
 */
export function targetNumber(
  pod: Pod,
  { targetPort, port, protocol = 'TCP' }: ServicePort,
): number | undefined {
  if (typeof targetPort === 'number' && targetPort !== 0) return targetPort;
  if (typeof targetPort !== 'string' || targetPort === '') return port;
  const found = servingContainers(pod)
    .flatMap(({ ports = [] }) => ports)
    .find((known) => known.name === targetPort && (known.protocol ?? 'TCP') === protocol);
  return found?.containerPort;
}

/** The Service's ports as this pod serves them; a named port that the pod lacks is left out (row 28). */
export function resolvePorts(service: Service, pod: Pod): ResolvedPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetNumber(pod, servicePort);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}
