import type { ContainerSpec } from '../runtime.ts';
import type { Cgroups } from './cgroups.ts';

/** An entry of `mounts` in the OCI runtime specification. */
interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** Paths of /proc and /sys that would show or change the machine; the lists of Docker and containerd. */
export const maskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

export const readonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

const hardened = ['nosuid', 'noexec', 'nodev'];

const mount = (type: string, destination: string, options: readonly string[]): OciMount => ({
  destination,
  type,
  source: type,
  options,
});

/** The kernel's file systems every container has, then the spec's own mounts, outer before inner. */
export function containerMounts(spec: ContainerSpec, cgroups: Cgroups): OciMount[] {
  const access = spec.security.privileged ? 'rw' : 'ro';
  const system = [
    mount('proc', '/proc', hardened),
    mount('tmpfs', '/dev', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    // 5 is the tty group of every distribution's image; grantpt(3) expects it.
    mount('devpts', '/dev/pts', [
      'nosuid',
      'noexec',
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
      'gid=5',
    ]),
    mount('mqueue', '/dev/mqueue', hardened),
    mount('tmpfs', '/dev/shm', [...hardened, 'mode=1777', 'size=65536k']),
    mount('sysfs', '/sys', [...hardened, access]),
    ...(cgroups.version === 'none'
      ? []
      : [mount('cgroup', '/sys/fs/cgroup', [...hardened, 'relatime', access])]),
  ];
  const own = spec.mounts.map(({ hostPath, containerPath, readOnly }) => ({
    destination: containerPath,
    type: 'bind',
    source: hostPath,
    options: ['rbind', 'rprivate', readOnly ? 'ro' : 'rw'],
  }));
  const replaced = new Set(own.map(({ destination }) => destination));
  return [
    ...system.filter(({ destination }) => !replaced.has(destination)),
    ...own.sort((a, b) => depth(a.destination) - depth(b.destination)),
  ];
}

const depth = (path: string): number => path.split('/').filter((part) => part !== '').length;
