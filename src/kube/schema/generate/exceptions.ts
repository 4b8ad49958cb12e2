import type { ScalarKind } from '../contract.ts';

const quantities = (...fields: string[]): Record<string, ScalarKind> =>
  Object.fromEntries(fields.map((field) => [field, 'quantity']));

/**
 * Scalars that the client's types have flattened: Quantity became `string`, RawExtension `any`.
 * From the Go types of k8s.io/api.
 */
export const exceptions: Readonly<Record<string, Readonly<Record<string, ScalarKind>>>> = {
  'io.k8s.api.core.v1.ContainerStatus': quantities('allocatedResources'),
  'io.k8s.api.core.v1.EmptyDirVolumeSource': quantities('sizeLimit'),
  'io.k8s.api.core.v1.LimitRangeItem': quantities(
    'default',
    'defaultRequest',
    'max',
    'maxLimitRequestRatio',
    'min',
  ),
  'io.k8s.api.core.v1.NodeStatus': quantities('allocatable', 'capacity'),
  'io.k8s.api.core.v1.PersistentVolumeClaimStatus': quantities('allocatedResources', 'capacity'),
  'io.k8s.api.core.v1.PersistentVolumeSpec': quantities('capacity'),
  'io.k8s.api.core.v1.PodSpec': quantities('overhead'),
  'io.k8s.api.core.v1.PodStatus': quantities('allocatedResources'),
  'io.k8s.api.core.v1.ResourceFieldSelector': quantities('divisor'),
  'io.k8s.api.core.v1.ResourceQuotaSpec': quantities('hard'),
  'io.k8s.api.core.v1.ResourceQuotaStatus': quantities('hard', 'used'),
  'io.k8s.api.core.v1.ResourceRequirements': quantities('limits', 'requests'),
  'io.k8s.api.core.v1.VolumeResourceRequirements': quantities('limits', 'requests'),
  'io.k8s.api.node.v1.Overhead': quantities('podFixed'),
  'io.k8s.api.autoscaling.v2.MetricTarget': quantities('averageValue', 'value'),
  'io.k8s.api.autoscaling.v2.MetricValueStatus': quantities('averageValue', 'value'),
  'io.k8s.api.autoscaling.v2.HPAScalingRules': quantities('tolerance'),
  'io.k8s.api.storage.v1.CSIStorageCapacity': quantities('capacity', 'maximumVolumeSize'),
  'io.k8s.api.apps.v1.ControllerRevision': { data: 'rawExtension' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent': { object: 'rawExtension' },
};
