/**
 * Finds the Go package behind each class of `@kubernetes/client-node`, whose names keep only the version:
 * `V1ServicePort` is `io.k8s.api.core.v1.ServicePort` because the core API alone reaches it.
 */

/** Served group versions, in the order in which their packages claim the types that they reach. */
export const groupVersions: readonly (readonly [api: string, goPackage: string])[] = [
  ['CoreV1Api', 'io.k8s.api.core.v1'],
  ['AuthenticationV1Api', 'io.k8s.api.authentication.v1'],
  ['AuthorizationV1Api', 'io.k8s.api.authorization.v1'],
  ['AutoscalingV1Api', 'io.k8s.api.autoscaling.v1'],
  ['AutoscalingV2Api', 'io.k8s.api.autoscaling.v2'],
  ['AppsV1Api', 'io.k8s.api.apps.v1'],
  ['BatchV1Api', 'io.k8s.api.batch.v1'],
  ['CertificatesV1Api', 'io.k8s.api.certificates.v1'],
  ['CoordinationV1Api', 'io.k8s.api.coordination.v1'],
  ['DiscoveryV1Api', 'io.k8s.api.discovery.v1'],
  ['EventsV1Api', 'io.k8s.api.events.v1'],
  ['FlowcontrolApiserverV1Api', 'io.k8s.api.flowcontrol.v1'],
  ['NetworkingV1Api', 'io.k8s.api.networking.v1'],
  ['NodeV1Api', 'io.k8s.api.node.v1'],
  ['PolicyV1Api', 'io.k8s.api.policy.v1'],
  ['RbacAuthorizationV1Api', 'io.k8s.api.rbac.v1'],
  ['ResourceV1Api', 'io.k8s.api.resource.v1'],
  ['SchedulingV1Api', 'io.k8s.api.scheduling.v1'],
  ['StorageV1Api', 'io.k8s.api.storage.v1'],
  ['AdmissionregistrationV1Api', 'io.k8s.api.admissionregistration.v1'],
  ['ApiextensionsV1Api', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1'],
  ['ApiregistrationV1Api', 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1'],
];

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Types that several groups reach, or that the core API reaches although another group owns them. */
const owners: Readonly<Record<string, readonly string[]>> = {
  [meta]: [
    'V1APIGroup',
    'V1APIGroupList',
    'V1APIResource',
    'V1APIResourceList',
    'V1APIVersions',
    'V1Condition',
    'V1DeleteOptions',
    'V1FieldSelectorRequirement',
    'V1GroupVersionForDiscovery',
    'V1LabelSelector',
    'V1LabelSelectorRequirement',
    'V1ListMeta',
    'V1ManagedFieldsEntry',
    'V1ObjectMeta',
    'V1OwnerReference',
    'V1Preconditions',
    'V1ServerAddressByClientCIDR',
    'V1Status',
    'V1StatusCause',
    'V1StatusDetails',
    'V1WatchEvent',
  ],
  'io.k8s.api.autoscaling.v1': ['V1Scale', 'V1ScaleSpec', 'V1ScaleStatus'],
  'io.k8s.api.policy.v1': ['V1Eviction'],
  'io.k8s.api.authentication.v1': [
    'AuthenticationV1TokenRequest',
    'V1TokenRequestSpec',
    'V1TokenRequestStatus',
    'V1BoundObjectReference',
  ],
};

/** `V1ServicePort` and `CoreV1EndpointPort` without what the client generator put before the Go name. */
export function goName(className: string): string {
  const match = /^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?([A-Z].*)$/.exec(className);
  return match?.[1] ?? className;
}

/**
 * Names every class that a served API reaches.
 * @param reached - for an API file, the classes it mentions
 * @param references - for a class, the classes of its fields
 */
export function nameClasses(
  reached: (api: string) => readonly string[],
  references: (className: string) => readonly string[],
): Map<string, string> {
  const names = new Map<string, string>();
  const claim = (className: string, goPackage: string): void => {
    if (!names.has(className)) names.set(className, `${goPackage}.${goName(className)}`);
  };
  for (const [goPackage, classes] of Object.entries(owners)) {
    for (const className of classes) claim(className, goPackage);
  }
  const walked = new Set<string>();
  const walk = (className: string, goPackage: string): void => {
    if (walked.has(className)) return;
    walked.add(className);
    claim(className, goPackage);
    const owner = names.get(className)?.replace(/\.[^.]+$/, '') ?? goPackage;
    for (const next of references(className)) walk(next, owner);
  };
  for (const [api, goPackage] of groupVersions) {
    for (const className of reached(api)) walk(className, goPackage);
  }
  return names;
}
