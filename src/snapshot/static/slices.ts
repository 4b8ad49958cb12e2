import {
  compileMapSelector,
  type EndpointSlice,
  type Pod,
  type Service,
} from '../../kube/index.ts';
import {
  addressIn,
  canServe,
  endpointOfPod,
  familiesOf,
  resolvePorts,
} from '../../services/index.ts';

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

/** The slices that the endpoint controller would write for a Service with a selector; each pod has one of its own. */
export function slicesOf(service: Service, pods: Iterable<Pod>): EndpointSlice[] {
  const { namespace } = service.metadata;
  const selector = compileMapSelector(service.spec.selector);
  const selected = [...pods].filter(
    (pod) =>
      pod.metadata.namespace === namespace &&
      canServe(pod) &&
      selector.matches(pod.metadata.labels),
  );
  const contents = familiesOf(service).flatMap((addressType) =>
    selected.flatMap((pod) => {
      const address = addressIn(pod, addressType);
      if (address === undefined) return [];
      const endpoint = endpointOfPod(pod, service, { address, node: undefined });
      return [{ addressType, endpoints: [endpoint], ports: resolvePorts(service, pod) }];
    }),
  );
  return contents.map((content, ordinal) => sliceOf(service, ordinal, content));
}
