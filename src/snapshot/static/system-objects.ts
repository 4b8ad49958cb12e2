import type { AnyObject } from '../../kube/index.ts';

const NAMESPACE = 'kube-system';
/** By which every installation of cluster DNS is known, also to policies. */
const labels = { 'k8s-app': 'kube-dns' };
const CLUSTER_DNS = '10.96.0.10';

const ports = [
  { name: 'dns', containerPort: 53, protocol: 'UDP' },
  { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
];

/**
 * Cluster DNS, which every cluster has and no application's manifests: what policies must admit before a name means
 * anything. None when the objects have it.
 */
export function dnsObjects(objects: readonly AnyObject[]): AnyObject[] {
  const isThere = objects.some(
    ({ kind, metadata }) =>
      metadata.namespace === NAMESPACE &&
      ((kind === 'Pod' && metadata.labels?.['k8s-app'] === 'kube-dns') ||
        (kind === 'Service' && metadata.name === 'kube-dns')),
  );
  if (isThere) return [];
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'coredns', namespace: NAMESPACE, labels },
      spec: { containers: [{ name: 'coredns', ports }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: NAMESPACE, labels },
      spec: {
        type: 'ClusterIP',
        selector: labels,
        clusterIP: CLUSTER_DNS,
        clusterIPs: [CLUSTER_DNS],
        ipFamilies: ['IPv4'],
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        ],
      },
    },
  ];
}
