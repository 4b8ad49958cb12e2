export interface Capabilities {
  add?: string[];
  drop?: string[];
}

export interface SELinuxOptions {
  user?: string;
  role?: string;
  type?: string;
  level?: string;
}

/** `core/v1 SeccompProfile` and `AppArmorProfile`. */
export interface ConfinementProfile {
  type: 'Localhost' | 'RuntimeDefault' | 'Unconfined';
  localhostProfile?: string;
}

/** `core/v1 SecurityContext`: of one container; wins over the pod's. */
export interface SecurityContext {
  capabilities?: Capabilities;
  privileged?: boolean;
  seLinuxOptions?: SELinuxOptions;
  windowsOptions?: Record<string, unknown>;
  runAsUser?: number;
  runAsGroup?: number;
  runAsNonRoot?: boolean;
  readOnlyRootFilesystem?: boolean;
  allowPrivilegeEscalation?: boolean;
  procMount?: 'Default' | 'Unmasked';
  seccompProfile?: ConfinementProfile;
  appArmorProfile?: ConfinementProfile;
}

export interface Sysctl {
  name: string;
  value: string;
}

/** `core/v1 PodSecurityContext`: of all containers of a pod. */
export interface PodSecurityContext {
  seLinuxOptions?: SELinuxOptions;
  windowsOptions?: Record<string, unknown>;
  runAsUser?: number;
  runAsGroup?: number;
  runAsNonRoot?: boolean;
  supplementalGroups?: number[];
  supplementalGroupsPolicy?: 'Merge' | 'Strict';
  fsGroup?: number;
  fsGroupChangePolicy?: 'OnRootMismatch' | 'Always';
  seLinuxChangePolicy?: string;
  sysctls?: Sysctl[];
  seccompProfile?: ConfinementProfile;
  appArmorProfile?: ConfinementProfile;
}
