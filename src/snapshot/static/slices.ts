import {
  compileMapSelector,
  isConditionTrue,
  isPodTerminal,
  isSidecar,
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  type Pod,
  type Service,
  type ServicePort,
} from '../../kube/index.ts';

type Family = 'IPv4' | 'IPv6';

function familyOf(address: string): Family {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function familiesOf({ spec }: Service): readonly Family[] {
  if ((spec.ipFamilies ?? []).length > 0) return spec.ipFamilies ?? [];
  return [
    spec.clusterIP === undefined || spec.clusterIP === 'None' ? 'IPv4' : familyOf(spec.clusterIP),
  ];
}

/** The number of a Service's port in one pod; none when the pod has no port of that name (row 28). */
export function targetNumber(pod: Pod, servicePort: ServicePort): number | undefined {
  const { targetPort, port, protocol = 'TCP' } = servicePort;
  if (targetPort === undefined || targetPort === 0 || targetPort === '') return port;
  if (typeof targetPort === 'number') return targetPort;
  if (/^\d+$/.test(targetPort)) return Number(targetPort);
  const { containers, initContainers = [] } = pod.spec;
  return [...containers, ...initContainers.filter(isSidecar)]
    .flatMap(({ ports = [] }) => ports)
    .find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol)?.containerPort;
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetNumber(pod, servicePort);
    if (port === undefined) return [];
    return [{ name: servicePort.name ?? '', protocol: servicePort.protocol ?? 'TCP', port }];
  });
}

function endpointOf(pod: Pod, service: Service, address: string): Endpoint {
  const serving = isConditionTrue(pod.status?.conditions, 'Ready');
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const isPublished = service.spec.publishNotReadyAddresses === true;
  const { nodeName, hostname, subdomain } = pod.spec;
  const isNamed = hostname !== undefined && subdomain === service.metadata.name;
  const { name, namespace = '' } = pod.metadata;
  return {
    addresses: [address],
    conditions: { ready: isPublished || (serving && !terminating), serving, terminating },
    ...(isNamed ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', name, namespace },
  };
}

function sliceOf(
  service: Service,
  ordinal: number,
  content: Pick<EndpointSlice, 'addressType' | 'endpoints' | 'ports'>,
): EndpointSlice {
  const { name, namespace = '' } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${ordinal}`,
      namespace,
      labels: { 'kubernetes.io/service-name': name },
    },
    ...content,
  };
}

/** The slices that the endpoint controller would write for a Service with a selector. */
export function slicesOf(service: Service, pods: Iterable<Pod>): EndpointSlice[] {
  const { namespace } = service.metadata;
  const selector = compileMapSelector(service.spec.selector);
  const selected = [...pods].filter(
    (pod) =>
      pod.metadata.namespace === namespace &&
      !isPodTerminal(pod) &&
      selector.matches(pod.metadata.labels),
  );
  const contents = familiesOf(service).flatMap((addressType) =>
    selected.flatMap((pod) => {
      const ip = pod.status?.podIPs?.find(({ ip }) => familyOf(ip) === addressType)?.ip;
      if (ip === undefined) return [];
      const endpoints = [endpointOf(pod, service, ip)];
      return [{ addressType, endpoints, ports: portsOf(service, pod) }];
    }),
  );
  return contents.map((content, ordinal) => sliceOf(service, ordinal, content));
}
