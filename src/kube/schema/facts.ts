import type { MergeFacts, SchemaName } from './contract.ts';

/**
 * What the generated schemas cannot know: the `patchStrategy` struct tags and `+listType` markers of k8s.io/api.
 * A list without an entry is atomic for both patch kinds, a map or object without one merges.
 */
type FactTable = Readonly<Record<SchemaName, Readonly<Record<string, MergeFacts>>>>;

/** Merged by `key` in both worlds; apply may know more keys than strategic merge patch does. */
function keyed(key: string, ...applyKeys: string[]): MergeFacts {
  const listMapKeys = applyKeys.length > 0 ? applyKeys : [key];
  return { patchStrategy: 'merge', patchMergeKey: key, listType: 'map', listMapKeys };
}

/** Merged by server-side apply only; a strategic merge patch replaces the list. */
function applyKeyed(...listMapKeys: string[]): MergeFacts {
  return { listType: 'map', listMapKeys };
}

/** Merged by strategic merge patch only; server-side apply replaces the list. */
function patchKeyed(key: string): MergeFacts {
  return { patchStrategy: 'merge', patchMergeKey: key, listType: 'atomic' };
}

const set: MergeFacts = { listType: 'set' };
const mergedSet: MergeFacts = { patchStrategy: 'merge', listType: 'set' };
const atomic: MergeFacts = { listType: 'atomic' };
const atomicMap: MergeFacts = { mapType: 'atomic' };
const retainKeys: MergeFacts = { patchStrategy: 'retainKeys' };
const conditions = { conditions: keyed('type') };

const core: FactTable = {
  'io.k8s.api.core.v1.PodSpec': {
    containers: keyed('name'),
    initContainers: keyed('name'),
    ephemeralContainers: keyed('name'),
    volumes: { ...keyed('name'), patchStrategy: 'merge,retainKeys' },
    imagePullSecrets: keyed('name'),
    hostAliases: keyed('ip'),
    topologySpreadConstraints: keyed('topologyKey', 'topologyKey', 'whenUnsatisfiable'),
    schedulingGates: keyed('name'),
    resourceClaims: { ...keyed('name'), patchStrategy: 'merge,retainKeys' },
    nodeSelector: atomicMap,
    tolerations: atomic,
    readinessGates: atomic,
  },
  'io.k8s.api.core.v1.PodStatus': {
    ...conditions,
    podIPs: keyed('ip'),
    hostIPs: patchKeyed('ip'),
    resourceClaimStatuses: { ...keyed('name'), patchStrategy: 'merge,retainKeys' },
    containerStatuses: atomic,
    initContainerStatuses: atomic,
    ephemeralContainerStatuses: atomic,
  },
  'io.k8s.api.core.v1.ContainerStatus': { volumeMounts: keyed('mountPath') },
  'io.k8s.api.core.v1.ResourceRequirements': { claims: applyKeyed('name') },
  'io.k8s.api.core.v1.ServiceSpec': {
    ports: keyed('port', 'port', 'protocol'),
    selector: atomicMap,
    clusterIPs: atomic,
    externalIPs: atomic,
    ipFamilies: atomic,
    loadBalancerSourceRanges: atomic,
  },
  'io.k8s.api.core.v1.ServiceStatus': conditions,
  'io.k8s.api.core.v1.LoadBalancerStatus': { ingress: atomic },
  'io.k8s.api.core.v1.LoadBalancerIngress': { ports: atomic },
  'io.k8s.api.core.v1.Endpoints': { subsets: atomic },
  'io.k8s.api.core.v1.NodeSpec': { podCIDRs: mergedSet, taints: atomic },
  'io.k8s.api.core.v1.NodeStatus': { ...conditions, addresses: keyed('type') },
  'io.k8s.api.core.v1.NamespaceStatus': conditions,
  'io.k8s.api.core.v1.ServiceAccount': { secrets: keyed('name'), imagePullSecrets: atomic },
  'io.k8s.api.core.v1.PersistentVolumeClaimStatus': conditions,
  'io.k8s.api.core.v1.ReplicationControllerSpec': { selector: atomicMap },
  'io.k8s.api.core.v1.ReplicationControllerStatus': conditions,
};

const containerFacts: Readonly<Record<string, MergeFacts>> = {
  ports: keyed('containerPort', 'containerPort', 'protocol'),
  env: keyed('name'),
  volumeMounts: keyed('mountPath'),
  volumeDevices: keyed('devicePath'),
  args: atomic,
  command: atomic,
  envFrom: atomic,
  resizePolicy: atomic,
};

const containers: FactTable = {
  'io.k8s.api.core.v1.Container': containerFacts,
  'io.k8s.api.core.v1.EphemeralContainer': containerFacts,
};

const meta: FactTable = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': {
    finalizers: mergedSet,
    ownerReferences: keyed('uid'),
  },
};

const groups: FactTable = {
  'io.k8s.api.apps.v1.DeploymentSpec': { strategy: retainKeys },
  'io.k8s.api.apps.v1.DeploymentStatus': conditions,
  'io.k8s.api.apps.v1.ReplicaSetStatus': conditions,
  'io.k8s.api.apps.v1.StatefulSetSpec': { volumeClaimTemplates: atomic },
  'io.k8s.api.apps.v1.StatefulSetStatus': conditions,
  'io.k8s.api.apps.v1.DaemonSetStatus': conditions,
  'io.k8s.api.batch.v1.JobStatus': { conditions: patchKeyed('type') },
  'io.k8s.api.batch.v1.CronJobStatus': { active: atomic },
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus': conditions,
  'io.k8s.api.policy.v1.PodDisruptionBudgetStatus': conditions,
  'io.k8s.api.policy.v1.PodDisruptionBudgetSpec': { selector: { patchStrategy: 'replace' } },
  'io.k8s.api.networking.v1.ServiceCIDRStatus': conditions,
  'io.k8s.api.networking.v1.IngressSpec': { rules: atomic, tls: atomic },
  'io.k8s.api.discovery.v1.EndpointSlice': { endpoints: atomic, ports: atomic },
  'io.k8s.api.discovery.v1.Endpoint': { addresses: set },
  'io.k8s.api.certificates.v1.CertificateSigningRequestStatus': {
    conditions: applyKeyed('type'),
  },
  'io.k8s.api.storage.v1.CSINodeSpec': { drivers: keyed('name') },
  'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration': { webhooks: keyed('name') },
  'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration': { webhooks: keyed('name') },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus': {
    conditions: applyKeyed('type'),
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps': {
    'x-kubernetes-validations': keyed('rule'),
  },
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus': conditions,
};

const facts: FactTable = { ...core, ...containers, ...meta, ...groups };

/** Every name that has facts, for the test that finds them all in the generated schemas. */
export const factNames: readonly SchemaName[] = Object.keys(facts);

/** The merge facts of each field of a schema; empty for most. */
export function factsOf(schema: SchemaName): Readonly<Record<string, MergeFacts>> {
  return facts[schema] ?? {};
}

/** `+structType=atomic`: server-side apply treats values of these types as one. */
export const atomicObjects: ReadonlySet<SchemaName> = new Set([
  'io.k8s.api.core.v1.ConfigMapKeySelector',
  'io.k8s.api.core.v1.LocalObjectReference',
  'io.k8s.api.core.v1.NodeSelector',
  'io.k8s.api.core.v1.NodeSelectorTerm',
  'io.k8s.api.core.v1.ObjectFieldSelector',
  'io.k8s.api.core.v1.ObjectReference',
  'io.k8s.api.core.v1.ResourceFieldSelector',
  'io.k8s.api.core.v1.ScopeSelector',
  'io.k8s.api.core.v1.SecretKeySelector',
  'io.k8s.api.core.v1.SecretReference',
  'io.k8s.api.core.v1.TypedLocalObjectReference',
  'io.k8s.api.rbac.v1.RoleRef',
  'io.k8s.api.rbac.v1.Subject',
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
]);
