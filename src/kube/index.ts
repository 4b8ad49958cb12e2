export {
  alreadyExists,
  ApiError,
  badRequest,
  conflict,
  forbidden,
  invalid,
  notFound,
  qualifiedName,
  statusCodes,
  type ResourceName,
  type Status,
  type StatusCause,
  type StatusDetails,
  type StatusReason,
} from './api-error.ts';
export { anyKind } from './any-kind.ts';
export {
  customResourceDefinitionKind,
  type CustomResourceDefinition,
} from './apiextensions/custom-resource-definition.ts';
export { customKinds } from './apiextensions/custom-resource.ts';
export { controllerRevisionKind, type ControllerRevision } from './apps/controller-revision.ts';
export { daemonSetKind, type DaemonSet, type DaemonSetStatus } from './apps/daemon-set.ts';
export {
  deploymentKind,
  type Deployment,
  type DeploymentSpec,
  type DeploymentStatus,
  type DeploymentStrategy,
  type RollingUpdateDeployment,
} from './apps/deployment.ts';
export {
  replicaSetKind,
  type ReplicaSet,
  type ReplicaSetSpec,
  type ReplicaSetStatus,
} from './apps/replica-set.ts';
export {
  statefulSetKind,
  type StatefulSet,
  type StatefulSetSpec,
  type StatefulSetStatus,
} from './apps/stateful-set.ts';
export {
  horizontalPodAutoscalerKind,
  type HorizontalPodAutoscaler,
} from './autoscaling/horizontal-pod-autoscaler.ts';
export { cronJobKind, type CronJob, type CronJobStatus } from './batch/cron-job.ts';
export { jobKind, type Job, type JobSpec, type JobStatus } from './batch/job.ts';
export { lastTime, nextTime } from './batch/schedule/next-time.ts';
export { parseSchedule, type Schedule } from './batch/schedule/parse-schedule.ts';
export {
  ageColumn,
  column,
  formatLabels,
  nameColumn,
  none,
  orNone,
  type ColumnOptions,
} from './columns.ts';
export {
  conditionOf,
  isConditionTrue,
  withCondition,
  withoutCondition,
  type ConditionState,
} from './conditions.ts';
export { leaseKind, type Lease } from './coordination/lease.ts';
export {
  endpointSliceKind,
  type AddressType,
  type Endpoint,
  type EndpointConditions,
  type EndpointPort,
  type EndpointSlice,
} from './discovery/endpoint-slice.ts';
export {
  fieldDuplicate,
  FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  fieldTooMany,
  type FieldError,
  type FieldErrorReason,
} from './field-error.ts';
export type * from './core/affinity.ts';
export { configMapKind, type ConfigMap } from './core/config-map.ts';
export { isSidecar, protocols } from './core/container.ts';
export type * from './core/container.ts';
export { endpointsKind } from './core/endpoints.ts';
export type * from './core/endpoints.ts';
export { eventKind, type Event } from './core/event.ts';
export { limitRangeKind, type LimitRange } from './core/limit-range.ts';
export { namespaceKind, namespaceNameLabel, type Namespace } from './core/namespace.ts';
export { nodeKind } from './core/node.ts';
export type * from './core/node.ts';
export type * from './core/object-references.ts';
export {
  persistentVolumeClaimKind,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimSpec,
} from './core/persistent-volume-claim.ts';
export { persistentVolumeKind, type PersistentVolume } from './core/persistent-volume.ts';
export { podTemplateKind, type PodTemplate } from './core/pod-template.ts';
export {
  replicationControllerKind,
  type ReplicationController,
} from './core/replication-controller.ts';
export { resourceQuotaKind, type ResourceQuota } from './core/resource-quota.ts';
export { allContainers, defaultPodSpec } from './core/pod-defaults.ts';
export type * from './core/pod-spec.ts';
export { isPodTerminal } from './core/pod-types.ts';
export type * from './core/pod-types.ts';
export { podKind } from './core/pod.ts';
export type * from './core/probe.ts';
export { qosClass } from './core/qos.ts';
export { secretKind, serviceAccountNameAnnotation, type Secret } from './core/secret.ts';
export type * from './core/security-context.ts';
export { serviceAccountKind, type ServiceAccount } from './core/service-account.ts';
export {
  dropTypeDependentFields,
  needsClusterIP,
  needsHealthCheckNodePort,
  needsNodePort,
} from './core/service-update.ts';
export { serviceKind } from './core/service.ts';
export { isHeadless } from './core/service-types.ts';
export type * from './core/service-types.ts';
export { tolerates } from './core/taint.ts';
export type * from './core/taint.ts';
export { validatePodSpec, validatePodTemplate } from './core/validate-pod-spec.ts';
export { validateServiceAddresses } from './core/validate-service-addresses.ts';
export type * from './core/volume.ts';
export { compileFieldSelector, parseFieldSelector, type FieldTerm } from './field-selector.ts';
export { isPercentage, scaledValue, type IntOrString } from './int-or-string.ts';
export { otherForms } from './other-forms.ts';
export { keyOf, objectKey, splitKey } from './keys.ts';
export type { Column, KindDefinition, OtherForm, Resource, ScalePaths } from './kind.ts';
export { kinds } from './kinds.ts';
export type { IngressBackend, IngressServiceBackend } from './networking/ingress-backend.ts';
export { ingressClassKind, type IngressClass } from './networking/ingress-class.ts';
export {
  ingressKind,
  type HTTPIngressPath,
  type Ingress,
  type IngressLoadBalancer,
  type IngressRule,
  type IngressTLS,
} from './networking/ingress.ts';
export { ipAddressKind, type IPAddress } from './networking/ip-address.ts';
export {
  networkPolicyKind,
  type IPBlock,
  type NetworkPolicy,
  type NetworkPolicyEgressRule,
  type NetworkPolicyIngressRule,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
  type PolicyType,
} from './networking/network-policy.ts';
export { serviceCidrKind, type ServiceCIDR } from './networking/service-cidr.ts';
export type {
  AnyObject,
  Condition,
  KubeList,
  KubeObject,
  LabelSelector,
  LabelSelectorRequirement,
  ListMeta,
  ObjectMeta,
  ObjectReference,
  OwnerReference,
  StringMap,
} from './meta.ts';
export { dns1123Subdomain } from './names.ts';
export { apiVersionOf, controllerOf, isControlledBy, ownerReference } from './owner.ts';
export { clusterNetworkPolicyKind } from './policy/cluster-network-policy.ts';
export type * from './policy/cluster-network-policy.ts';
export {
  podDisruptionBudgetKind,
  type Eviction,
  type PodDisruptionBudget,
} from './policy/pod-disruption-budget.ts';
export { parseSelector } from './parse-selector.ts';
export {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  tryParseQuantity,
  type Quantity,
  type QuantityFormat,
} from './quantity.ts';
export {
  clusterRoleBindingKind,
  roleBindingKind,
  type ClusterRoleBinding,
  type RoleBinding,
  type RoleRef,
  type Subject,
} from './rbac/bindings.ts';
export { clusterRoleKind, type ClusterRole } from './rbac/cluster-role.ts';
export { roleKind, type Role } from './rbac/role.ts';
export { rbacGroup, type PolicyRule } from './rbac/rules.ts';
export { priorityClassKind, type PriorityClass } from './scheduling/priority-class.ts';
export { checkFields } from './schema/check-fields.ts';
export type {
  FieldProblem,
  FieldType,
  MergeFacts,
  PatchStrategy,
  ScalarKind,
  Schema,
  SchemaField,
  SchemaName,
  StructuralSchema,
} from './schema/contract.ts';
export { decodeJson, decodeYaml, type DecodedBody } from './schema/decode.ts';
export { kubernetesYaml } from './schema/yaml-dialect.ts';
export { atomicObjects } from './schema/facts.ts';
export { descriptionOf, forgetDescriptions, schemaNamed } from './schema/schemas.ts';
export {
  compileMapSelector,
  compileSelector,
  everything,
  formatSelector,
  nothing,
  selectorOf,
  type Requirement,
  type Selector,
  type SelectorOperator,
} from './selector.ts';
export { storageClassKind, type StorageClass } from './storage/storage-class.ts';
export { age, humanDuration } from './time.ts';
export { validateMeta, validateMetaUpdate, type MetaRules } from './validate-meta.ts';
