import type { Client } from '../../client/index.ts';
import {
  ApiError,
  configMapKind,
  deploymentKind,
  serviceAccountKind,
  serviceKind,
  type ConfigMap,
  type Deployment,
  type KubeObject,
  type Resource,
  type Service,
  type ServiceAccount,
} from '../../kube/index.ts';
import { defaultCorefile } from '../../names/index.ts';

/** Where cluster DNS lives, as in every cluster that kubeadm makes. */
export const DNS_NAMESPACE = 'kube-system';
export const DNS_SERVICE = 'kube-dns';
export const DNS_CONFIG = 'coredns';
/** The label of its pods. */
export const dnsPodLabels = { 'k8s-app': 'kube-dns' } as const;
/** The image that this process is a stand-in for: the servers in its pods are its own. */
export const DNS_IMAGE = 'registry.k8s.io/coredns/coredns:v1.12.1';

export interface DnsObjectsOptions {
  /** The addresses of the Service, one for each family. */
  readonly serviceIPs: readonly string[];
  readonly clusterDomain: string;
}

function serviceOf({ serviceIPs }: DnsObjectsOptions): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: DNS_SERVICE,
      namespace: DNS_NAMESPACE,
      labels: {
        ...dnsPodLabels,
        'kubernetes.io/cluster-service': 'true',
        'kubernetes.io/name': 'CoreDNS',
      },
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
    },
    spec: {
      clusterIP: serviceIPs[0] ?? '',
      clusterIPs: [...serviceIPs],
      ipFamilies: serviceIPs.map((ip) => (ip.includes(':') ? 'IPv6' : 'IPv4')),
      ipFamilyPolicy: serviceIPs.length > 1 ? 'RequireDualStack' : 'SingleStack',
      selector: { ...dnsPodLabels },
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
    },
  };
}

function configMapOf({ clusterDomain }: DnsObjectsOptions): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: DNS_CONFIG, namespace: DNS_NAMESPACE },
    data: { Corefile: defaultCorefile(clusterDomain) },
  };
}

const serviceAccount: ServiceAccount = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'coredns', namespace: DNS_NAMESPACE },
};

function deploymentObject(): Deployment {
  const probe = (path: string, port: number) => ({
    httpGet: { path, port, scheme: 'HTTP' as const },
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'coredns', namespace: DNS_NAMESPACE, labels: { ...dnsPodLabels } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { ...dnsPodLabels } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels: { ...dnsPodLabels } },
        spec: {
          serviceAccountName: 'coredns',
          priorityClassName: 'system-cluster-critical',
          dnsPolicy: 'Default',
          containers: [
            {
              name: 'coredns',
              image: DNS_IMAGE,
              args: ['-conf', '/etc/coredns/Corefile'],
              ports: [
                { name: 'dns', containerPort: 53, protocol: 'UDP' },
                { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
                { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
              ],
              livenessProbe: {
                ...probe('/health', 8080),
                initialDelaySeconds: 60,
                failureThreshold: 5,
              },
              readinessProbe: { ...probe('/ready', 8181), periodSeconds: 1 },
              volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
            },
          ],
          volumes: [
            {
              name: 'config-volume',
              configMap: { name: DNS_CONFIG, items: [{ key: 'Corefile', path: 'Corefile' }] },
            },
          ],
        },
      },
    },
  };
}

function hasReason(error: unknown, reason: string): boolean {
  return error instanceof ApiError && error.reason === reason;
}

/** Looks before it creates: for a Service that is there the API says that its address is taken, not that it exists. */
async function createIfMissing<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  object: T,
): Promise<void> {
  const { name, namespace = DNS_NAMESPACE } = object.metadata;
  try {
    await client.get(resource, { name, namespace });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    await client.create(resource, object);
  }
}

/**
 * Makes what `kubectl get all -n kube-system` shows of cluster DNS, where it is missing. Call it before anybody else may
 * take the Service's address. @throws ApiError
 */
export async function ensureDnsObjects(client: Client, options: DnsObjectsOptions): Promise<void> {
  await createIfMissing(client, serviceKind, serviceOf(options));
  await createIfMissing(client, serviceAccountKind, serviceAccount);
  await createIfMissing(client, configMapKind, configMapOf(options));
  await createIfMissing(client, deploymentKind, deploymentObject());
}
