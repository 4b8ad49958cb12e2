import { readTextFile } from '../../files/index.ts';
import type { SecuritySettings } from '../runtime.ts';

/** By number, as in linux/capability.h. */
const names =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );

/** What Docker, containerd and CRI-O (with NET_RAW) give a container that asks for nothing. */
const defaults =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'.split(
    ' ',
  );

const withoutPrefix = (name: string): string => name.toUpperCase().replace(/^CAP_/, '');

/** The capabilities this process may hand on, e.g. `CAP_CHOWN`: runc fails when asked for one that it lacks. */
export function availableCapabilities(
  status: string = readTextFile('/proc/self/status') ?? '',
): ReadonlySet<string> {
  const mask = (field: string): bigint =>
    BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'}`);
  const held = mask('CapBnd') & mask('CapPrm');
  return new Set(
    names.filter((_, number) => (held >> BigInt(number)) & 1n).map((name) => `CAP_${name}`),
  );
}

/**
 * The capabilities of a container: the engines' default set, less `drop`, plus `add` (`ALL` is understood in both,
 * and dropping ALL leaves what is added), never more than this process has.
 */
export function containerCapabilities(
  security: Pick<SecuritySettings, 'privileged' | 'addCapabilities' | 'dropCapabilities'>,
  available: ReadonlySet<string>,
): string[] {
  const added = new Set(security.addCapabilities.map(withoutPrefix));
  const dropped = new Set(security.dropCapabilities.map(withoutPrefix));
  const isWanted = (name: string): boolean => {
    if (security.privileged) return true;
    if (added.has(name)) return true;
    if (dropped.has('ALL') || dropped.has(name)) return false;
    return added.has('ALL') || defaults.includes(name);
  };
  return names
    .filter(isWanted)
    .map((name) => `CAP_${name}`)
    .filter((name) => available.has(name));
}
