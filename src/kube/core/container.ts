import type {
  KeySelector,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from './object-references.ts';
import type { Lifecycle, Probe } from './probe.ts';
import type { SecurityContext } from './security-context.ts';
import type { VolumeDevice, VolumeMount } from './volume.ts';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

export const protocols: readonly Protocol[] = ['SCTP', 'TCP', 'UDP'];

export interface ContainerPort {
  /** An IANA service name, unique in the container. */
  name?: string;
  containerPort: number;
  hostPort?: number;
  hostIP?: string;
  protocol?: Protocol;
}

/** `core/v1 EnvVarSource`: exactly one field is set. */
export interface EnvVarSource {
  fieldRef?: ObjectFieldSelector;
  resourceFieldRef?: ResourceFieldSelector;
  configMapKeyRef?: KeySelector;
  secretKeyRef?: KeySelector;
}

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: EnvVarSource;
}

export interface EnvFromReference {
  name?: string;
  optional?: boolean;
}

export interface EnvFromSource {
  prefix?: string;
  configMapRef?: EnvFromReference;
  secretRef?: EnvFromReference;
}

/** Quantities by resource name, as written (`500m`) or as a bare number. */
export type ResourceList = Record<string, string | number>;

export interface ResourceRequirements {
  limits?: ResourceList;
  requests?: ResourceList;
  claims?: { name: string; request?: string }[];
}

export type PullPolicy = 'Always' | 'Never' | 'IfNotPresent';

export interface Container {
  /** A DNS label, unique among all containers of the pod. */
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  ports?: ContainerPort[];
  envFrom?: EnvFromSource[];
  env?: EnvVar[];
  resources?: ResourceRequirements;
  resizePolicy?: { resourceName: string; restartPolicy: string }[];
  /** `Always` on an init container makes it a sidecar (KEP-753). */
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  volumeMounts?: VolumeMount[];
  volumeDevices?: VolumeDevice[];
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
  lifecycle?: Lifecycle;
  terminationMessagePath?: string;
  terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';
  imagePullPolicy?: PullPolicy;
  securityContext?: SecurityContext;
  stdin?: boolean;
  stdinOnce?: boolean;
  tty?: boolean;
}

/** A container that `kubectl debug` adds to a running pod. */
export interface EphemeralContainer extends Container {
  targetContainerName?: string;
}

/** An init container that keeps running beside the main ones. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}
