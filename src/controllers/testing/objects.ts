import type {
  Condition,
  Namespace,
  Node,
  Pod,
  PodSpec,
  Service,
  ServiceSpec,
} from '../../kube/index.ts';

/** Small but complete objects for tests, all in namespace `shop`. */

export function podObject(
  name: string,
  {
    labels = {},
    spec = {},
    ip,
    isReady = ip !== undefined,
  }: {
    readonly labels?: Record<string, string>;
    readonly spec?: Partial<PodSpec>;
    readonly ip?: string | readonly string[];
    readonly isReady?: boolean;
  } = {},
): Pod {
  const ips = ip === undefined ? [] : [ip].flat();
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels },
    spec: { containers: [{ name: 'web', image: 'web' }], ...spec },
    status: {
      phase: ips.length === 0 ? 'Pending' : 'Running',
      ...(ips.length === 0 ? {} : { podIPs: ips.map((ip) => ({ ip })) }),
      conditions: [readyCondition(isReady)],
    },
  };
}

export function readyCondition(
  isReady: boolean,
  lastTransitionTime = '2026-01-01T00:00:00Z',
): Condition {
  return { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime };
}

export function serviceObject(name: string, spec: Partial<ServiceSpec> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.17',
      selector: { app: name },
      ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }],
      ...spec,
    },
  };
}

export function nodeObject(
  name: string,
  node: Partial<Pick<Node, 'spec' | 'status'>> & { labels?: Record<string, string> } = {},
): Node {
  const { labels = {}, spec = {}, status } = node;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: status ?? {
      conditions: [readyCondition(true)],
      allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
    },
  };
}

export function namespaceObject(name: string): Namespace {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}
