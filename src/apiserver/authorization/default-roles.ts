import type { AnyObject } from '../../kube/index.ts';
import type { PolicyRule } from './policy-rule.ts';

const read = ['get', 'list', 'watch'];
const write = ['create', 'delete', 'deletecollection', 'patch', 'update'];

/** Namespaced resources that the user-facing roles speak of, by group. */
const workloads: Readonly<Record<string, readonly string[]>> = {
  '': [
    'configmaps',
    'endpoints',
    'events',
    'persistentvolumeclaims',
    'pods',
    'replicationcontrollers',
    'serviceaccounts',
    'services',
  ],
  apps: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
  autoscaling: ['horizontalpodautoscalers'],
  batch: ['cronjobs', 'jobs'],
  'discovery.k8s.io': ['endpointslices'],
  extensions: ['networkpolicies'],
  'net.alpha.kubernetes.io': ['networkpolicys'],
  'networking.k8s.io': ['ingresses', 'networkpolicies'],
  policy: ['poddisruptionbudgets'],
};

/** Their subresources that may be read, and those that may be written. */
const readableSubresources = ['pods/log', 'pods/status', 'services/status', 'deployments/scale'];
const writableSubresources = ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/eviction'];

function subresourcesOf(group: string, all: readonly string[]): readonly string[] {
  const resources = workloads[group] ?? [];
  return all.filter((name) => resources.includes(name.slice(0, name.indexOf('/'))));
}

const viewRules: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['namespaces'], verbs: read },
  ...Object.entries(workloads).map(([group, resources]) => ({
    apiGroups: [group],
    resources: [...resources, ...subresourcesOf(group, readableSubresources)],
    verbs: read,
  })),
];

const editRules: readonly PolicyRule[] = [
  ...viewRules,
  { apiGroups: [''], resources: ['secrets'], verbs: [...read, ...write] },
  { apiGroups: [''], resources: ['pods/attach', 'pods/exec', 'pods/portforward'], verbs: ['get'] },
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },
  { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
  ...Object.entries(workloads).map(([group, resources]) => ({
    apiGroups: [group],
    resources: [
      ...resources.filter((name) => name !== 'events'),
      ...subresourcesOf(group, writableSubresources),
      ...resources
        .filter((name) => ['deployments', 'replicasets', 'statefulsets'].includes(name))
        .map((name) => `${name}/scale`),
    ],
    verbs: write,
  })),
];

const adminRules: readonly PolicyRule[] = [
  ...editRules,
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['rolebindings', 'roles'],
    verbs: [...read, ...write],
  },
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['localsubjectaccessreviews'],
    verbs: ['create'],
  },
];

const discoveryPaths = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];

const roles: Readonly<Record<string, readonly PolicyRule[]>> = {
  'cluster-admin': [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ],
  admin: adminRules,
  edit: editRules,
  view: viewRules,
  'system:basic-user': [
    {
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      verbs: ['create'],
    },
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ],
  'system:discovery': [{ nonResourceURLs: discoveryPaths, verbs: ['get'] }],
  'system:public-info-viewer': [
    {
      nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'],
      verbs: ['get'],
    },
  ],
  'system:service-account-issuer-discovery': [
    {
      nonResourceURLs: ['/.well-known/openid-configuration', '/openid/v1/jwks'],
      verbs: ['get'],
    },
  ],
};

/** Which groups get which of the roles. */
const bindings: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['system:masters'],
  'system:basic-user': ['system:authenticated'],
  'system:discovery': ['system:authenticated'],
  'system:public-info-viewer': ['system:authenticated', 'system:unauthenticated'],
  'system:service-account-issuer-discovery': ['system:serviceaccounts'],
};

const apiVersion = 'rbac.authorization.k8s.io/v1';

function metadataOf(name: string): AnyObject['metadata'] {
  return {
    name,
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  };
}

/** The ClusterRoles that every cluster has from its start. */
export function defaultClusterRoles(): AnyObject[] {
  return Object.entries(roles).map(([name, rules]) => ({
    apiVersion,
    kind: 'ClusterRole',
    metadata: metadataOf(name),
    rules: structuredClone(rules),
  }));
}

/** Their bindings to groups. */
export function defaultClusterRoleBindings(): AnyObject[] {
  return Object.entries(bindings).map(([name, groups]) => ({
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: metadataOf(name),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'Group',
      name: group,
    })),
  }));
}
