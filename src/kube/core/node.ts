import { checkCidr, checkImmutable, checkPresent, checkText, checkEnum } from '../checks.ts';
import { ageColumn, column, nameColumn, none, orNone } from '../columns.ts';
import { conditionOf } from '../conditions.ts';
import { fieldDuplicate, fieldInvalid, FieldPath, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject } from '../meta.ts';
import { labelValue, qualifiedName } from '../names.ts';
import type { ResourceList } from './container.ts';
import type { Taint } from './taint.ts';

export interface NodeAddress {
  type: 'InternalIP' | 'ExternalIP' | 'Hostname' | 'InternalDNS' | 'ExternalDNS';
  address: string;
}

export interface NodeSystemInfo {
  machineID: string;
  systemUUID: string;
  bootID: string;
  kernelVersion: string;
  osImage: string;
  containerRuntimeVersion: string;
  kubeletVersion: string;
  kubeProxyVersion: string;
  operatingSystem: string;
  architecture: string;
}

export interface NodeSpec {
  podCIDR?: string;
  /** At most one of each family; the first is podCIDR. */
  podCIDRs?: string[];
  providerID?: string;
  unschedulable?: boolean;
  taints?: Taint[];
}

export interface NodeStatus {
  capacity?: ResourceList;
  allocatable?: ResourceList;
  conditions?: Condition[];
  addresses?: NodeAddress[];
  daemonEndpoints?: { kubeletEndpoint?: { Port: number } };
  nodeInfo?: NodeSystemInfo;
  images?: { names?: string[]; sizeBytes?: number }[];
}

export interface Node extends KubeObject {
  spec: NodeSpec;
  status?: NodeStatus;
}

const rolePrefix = 'node-role.kubernetes.io/';

function roles({ metadata: { labels = {} } }: Node): string {
  const found = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix)) return [key.slice(rolePrefix.length)];
    return key === 'kubernetes.io/role' ? [value] : [];
  });
  return orNone([...new Set(found.filter((role) => role !== ''))].sort().join(','));
}

function statusText({ spec, status }: Node): string {
  const ready = conditionOf(status?.conditions, 'Ready')?.status;
  const words = { True: 'Ready', False: 'NotReady', Unknown: 'NotReady', none: 'Unknown' };
  const text = words[ready ?? 'none'];
  return spec.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

function addressOf(type: NodeAddress['type']) {
  return ({ status }: Node): string =>
    status?.addresses?.find((address) => address.type === type)?.address ?? none;
}

function infoOf(field: keyof NodeSystemInfo) {
  return ({ status }: Node): string => status?.nodeInfo?.[field] || '<unknown>';
}

const wide = { wide: true };

export const nodeKind: KindDefinition<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  schema: 'io.k8s.api.core.v1.Node',
  namespaced: false,
  hasStatus: true,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Status', 'Whether it is ready, and takes new pods.', statusText),
    column('Roles', 'From its node-role labels.', roles),
    ageColumn,
    column('Version', 'The Kubernetes version of its agent.', ({ status }) => {
      return status?.nodeInfo?.kubeletVersion ?? '';
    }),
    column('Internal-IP', 'Its address inside the cluster.', addressOf('InternalIP'), wide),
    column('External-IP', 'Its address outside.', addressOf('ExternalIP'), wide),
    column('OS-Image', 'Its operating system.', infoOf('osImage'), wide),
    column('Kernel-Version', 'Its kernel.', infoOf('kernelVersion'), wide),
    column(
      'Container-Runtime',
      'What runs its containers.',
      infoOf('containerRuntimeVersion'),
      wide,
    ),
  ],
  fields: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable ?? false) },
  defaults: (node) => {
    node.spec ??= {};
    if (node.spec.podCIDR !== undefined) node.spec.podCIDRs ??= [node.spec.podCIDR];
  },
  validate: ({ spec }, path) => [
    ...(spec.taints ?? []).flatMap((taint, position, taints) =>
      validateTaint(taint, path.child('spec', 'taints').index(position), taints.slice(0, position)),
    ),
    ...(spec.podCIDRs ?? []).flatMap((cidr, position) =>
      checkCidr(path.child('spec', 'podCIDRs').index(position), cidr),
    ),
  ],
  validateUpdate: (next, previous) => [
    ...(previous.spec.podCIDRs === undefined
      ? []
      : checkImmutable(new FieldPath('spec.podCIDRs'), next.spec.podCIDRs, previous.spec.podCIDRs)),
    ...(previous.spec.providerID === undefined
      ? []
      : checkImmutable(
          new FieldPath('spec.providerID'),
          next.spec.providerID,
          previous.spec.providerID,
        )),
  ],
};

const taintEffects = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];

function validateTaint(taint: Taint, path: FieldPath, earlier: readonly Taint[]): FieldError[] {
  const isRepeated = earlier.some(
    ({ key, effect }) => key === taint.key && effect === taint.effect,
  );
  const keyErrors = checkPresent(path.child('key'), taint.key);
  return [
    ...(keyErrors.length > 0 ? keyErrors : checkText(path.child('key'), taint.key, qualifiedName)),
    ...labelValue(taint.value ?? '').map((message) =>
      fieldInvalid(path.child('value'), taint.value, message),
    ),
    ...checkEnum(path.child('effect'), taint.effect, taintEffects),
    ...(isRepeated ? [fieldDuplicate(path, taint)] : []),
  ];
}
