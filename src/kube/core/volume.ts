import type { LabelSelector, StringMap } from '../meta.ts';
import type {
  KeyToPath,
  LocalObjectReference,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from './object-references.ts';
import type { PersistentVolumeClaimSpec } from './persistent-volume-claim.ts';

export interface EmptyDirVolumeSource {
  medium?: '' | 'Memory' | 'HugePages';
  /** A quantity. */
  sizeLimit?: string | number;
}

export interface HostPathVolumeSource {
  path: string;
  type?: string;
}

export interface ConfigMapVolumeSource {
  name?: string;
  items?: KeyToPath[];
  /** File mode bits, decimal in JSON. */
  defaultMode?: number;
  optional?: boolean;
}

export interface SecretVolumeSource {
  secretName?: string;
  items?: KeyToPath[];
  defaultMode?: number;
  optional?: boolean;
}

export interface DownwardAPIVolumeFile {
  path: string;
  fieldRef?: ObjectFieldSelector;
  resourceFieldRef?: ResourceFieldSelector;
  mode?: number;
}

export interface DownwardAPIVolumeSource {
  items?: DownwardAPIVolumeFile[];
  defaultMode?: number;
}

/** The projected form of a ConfigMap or Secret: like the volume, without a mode of its own. */
export interface KeyProjection {
  name?: string;
  items?: KeyToPath[];
  optional?: boolean;
}

export interface ServiceAccountTokenProjection {
  audience?: string;
  expirationSeconds?: number;
  path: string;
}

export interface ClusterTrustBundleProjection {
  name?: string;
  signerName?: string;
  labelSelector?: LabelSelector;
  optional?: boolean;
  path: string;
}

/** `core/v1 VolumeProjection`: exactly one field is set. */
export interface VolumeProjection {
  secret?: KeyProjection;
  configMap?: KeyProjection;
  downwardAPI?: { items?: DownwardAPIVolumeFile[] };
  serviceAccountToken?: ServiceAccountTokenProjection;
  clusterTrustBundle?: ClusterTrustBundleProjection;
}

export interface ProjectedVolumeSource {
  sources?: VolumeProjection[];
  defaultMode?: number;
}

export interface PersistentVolumeClaimVolumeSource {
  claimName: string;
  readOnly?: boolean;
}

export interface EphemeralVolumeSource {
  volumeClaimTemplate?: {
    metadata?: { labels?: StringMap; annotations?: StringMap };
    spec: PersistentVolumeClaimSpec;
  };
}

export interface NFSVolumeSource {
  server: string;
  path: string;
  readOnly?: boolean;
}

export interface CSIVolumeSource {
  driver: string;
  readOnly?: boolean;
  fsType?: string;
  volumeAttributes?: StringMap;
  nodePublishSecretRef?: LocalObjectReference;
}

export interface ImageVolumeSource {
  reference?: string;
  pullPolicy?: string;
}

/** `core/v1 VolumeSource`: exactly one field is set. The sources of single vendors are kept as they come. */
export interface VolumeSource {
  emptyDir?: EmptyDirVolumeSource;
  hostPath?: HostPathVolumeSource;
  configMap?: ConfigMapVolumeSource;
  secret?: SecretVolumeSource;
  downwardAPI?: DownwardAPIVolumeSource;
  projected?: ProjectedVolumeSource;
  persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  ephemeral?: EphemeralVolumeSource;
  nfs?: NFSVolumeSource;
  csi?: CSIVolumeSource;
  image?: ImageVolumeSource;
}

export interface Volume extends VolumeSource {
  /** A DNS label, unique in the pod. */
  name: string;
}

export interface VolumeMount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
  recursiveReadOnly?: string;
  subPath?: string;
  subPathExpr?: string;
  mountPropagation?: string;
}

export interface VolumeDevice {
  name: string;
  devicePath: string;
}
