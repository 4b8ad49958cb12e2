import { readTextFile } from '../../files/index.ts';
import type { ContainerSpec, ResourceLimits } from '../runtime.ts';
import { containerCapabilities } from './capabilities.ts';
import type { Cgroups } from './cgroups.ts';
import { containerMounts, maskedPaths, readonlyPaths } from './mounts.ts';
import { defaultSeccompProfile } from './seccomp.ts';
import type { ContainerUser } from './user.ts';

/** What of the machine shapes a container's configuration. */
export interface Machine {
  readonly cgroups: Cgroups;
  readonly capabilities: ReadonlySet<string>;
  /** Hard limit of open files that this process can give. */
  readonly openFiles: number;
}

interface ConfigOptions {
  readonly spec: ContainerSpec;
  readonly user: ContainerUser;
  readonly rootfs: string;
  readonly cgroup: string;
  readonly machine: Machine;
}

const cpuPeriodMicroseconds = 100_000;
const engineOpenFiles = 1_048_576;

/** Builds `config.json` of an OCI bundle (runtime-spec 1.0.2). */
export function ociConfig(options: ConfigOptions): object {
  const { spec, machine } = options;
  const capabilities = containerCapabilities(spec.security, machine.capabilities);
  return {
    ociVersion: '1.0.2',
    process: ociProcess(options, capabilities),
    root: { path: options.rootfs, readonly: spec.security.readOnlyRootFilesystem },
    mounts: containerMounts(spec, machine.cgroups),
    linux: {
      namespaces: ociNamespaces(spec, machine.cgroups),
      ...(machine.cgroups.version === 'none'
        ? {}
        : {
            cgroupsPath: options.cgroup,
            resources: ociResources(spec.resources, spec.security.privileged, machine.cgroups),
          }),
      ...ociProtection(spec, capabilities),
    },
  };
}

/** The hard limit of open files of this process, getrlimit(2), at most what engines give. */
export function openFilesLimit(limits: string = readTextFile('/proc/self/limits') ?? ''): number {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return Math.min(engineOpenFiles, hard === undefined ? engineOpenFiles : Number(hard));
}

function ociProcess({ spec, user, machine }: ConfigOptions, capabilities: string[]): object {
  return {
    terminal: spec.tty,
    user,
    args: spec.args,
    env: withDefaults(spec),
    cwd: spec.workingDir === '' ? '/' : spec.workingDir,
    // Inheritable stays empty (CVE-2022-24769); the kernel empties the others for users other than root at exec.
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    noNewPrivileges: !spec.security.allowPrivilegeEscalation && !spec.security.privileged,
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: machine.openFiles, soft: machine.openFiles }],
  };
}

function withDefaults(spec: ContainerSpec): string[] {
  const has = (name: string): boolean => spec.env.some((entry) => entry.startsWith(`${name}=`));
  const defaults = [
    ...(has('PATH') ? [] : ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']),
    ...(has('HOSTNAME') ? [] : [`HOSTNAME=${spec.hostname}`]),
    ...(spec.tty && !has('TERM') ? ['TERM=xterm'] : []),
  ];
  return [...defaults, ...spec.env];
}

/** The pod's namespaces are joined by path; processes and mounts are the container's own. */
function ociNamespaces({ namespaces }: ContainerSpec, cgroups: Cgroups): object[] {
  return [
    { type: 'pid' },
    { type: 'mount' },
    { type: 'network', path: namespaces.net },
    { type: 'uts', path: namespaces.uts },
    { type: 'ipc', path: namespaces.ipc },
    ...(cgroups.version === 'none' ? [] : [{ type: 'cgroup' }]),
  ];
}

function ociResources(limits: ResourceLimits, isPrivileged: boolean, cgroups: Cgroups): object {
  const { memoryBytes, cpuQuota, cpuShares } = limits;
  const cpu = {
    ...(cpuShares === undefined ? {} : { shares: cpuShares }),
    ...(cpuQuota === undefined ? {} : { quota: cpuQuota, period: cpuPeriodMicroseconds }),
  };
  return {
    // runc adds /dev/null, zero, random, tty, ptmx and the pts devices to what is allowed.
    devices: [{ allow: isPrivileged, access: 'rwm' }],
    ...(memoryBytes === undefined || !cgroups.hasMemory ? {} : { memory: { limit: memoryBytes } }),
    ...(Object.keys(cpu).length === 0 || !cgroups.hasCpu ? {} : { cpu }),
  };
}

function ociProtection({ security }: ContainerSpec, capabilities: readonly string[]): object {
  if (security.privileged) return {};
  const seccomp =
    security.seccomp === 'RuntimeDefault' ? defaultSeccompProfile(capabilities) : undefined;
  return {
    ...(security.procMount === 'Default' ? { maskedPaths, readonlyPaths } : {}),
    ...(seccomp === undefined ? {} : { seccomp }),
  };
}
