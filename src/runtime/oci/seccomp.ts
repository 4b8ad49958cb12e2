import { constants } from 'node:os';
import { allowedSyscalls, syscallsByCapability } from './seccomp-syscalls.ts';

/** One rule of `linux.seccomp.syscalls` in the OCI runtime specification. */
interface SeccompRule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_NE' | 'SCMP_CMP_MASKED_EQ';
  }[];
}

export interface SeccompProfile {
  readonly defaultAction: 'SCMP_ACT_ERRNO';
  readonly defaultErrnoRet: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

interface Machine {
  readonly architectures: readonly string[];
  readonly syscalls: readonly string[];
}

const machines: Readonly<Record<string, Machine>> = {
  x64: {
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    syscalls: ['arch_prctl', 'modify_ldt'],
  },
  arm64: {
    architectures: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
    syscalls:
      'arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls'.split(
        ' ',
      ),
  },
};

/** CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET of linux/sched.h. */
const cloneNewNamespaces = 0x7e020000;
/** AF_VSOCK of linux/socket.h: it reaches the hypervisor, past every network namespace. */
const addressFamilyVsock = 40;
/** PER_LINUX, PER_LINUX32, with UNAME26, and the query, of linux/personality.h. */
const harmlessPersonalities = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

const allow = (names: readonly string[], args?: SeccompRule['args']): SeccompRule => ({
  names,
  action: 'SCMP_ACT_ALLOW',
  ...(args === undefined ? {} : { args }),
});

/** The RuntimeDefault profile for a container with these capabilities; undefined on machines it is not written for. */
export function defaultSeccompProfile(
  capabilities: readonly string[],
  architecture: string = process.arch,
): SeccompProfile | undefined {
  const machine = machines[architecture];
  if (machine === undefined) return undefined;
  const isAdministrator = capabilities.includes('CAP_SYS_ADMIN');
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: constants.errno.EPERM,
    architectures: machine.architectures,
    syscalls: [
      allow([...allowedSyscalls, ...machine.syscalls]),
      allow(['socket'], [{ index: 0, value: addressFamilyVsock, op: 'SCMP_CMP_NE' }]),
      ...harmlessPersonalities.map((value) =>
        allow(['personality'], [{ index: 0, value, op: 'SCMP_CMP_EQ' }]),
      ),
      ...capabilities.flatMap((name) => {
        const names = syscallsByCapability[name];
        return names === undefined ? [] : [allow(names)];
      }),
      ...(isAdministrator ? [] : cloneWithoutNamespaces()),
    ],
  };
}

/** Threads and processes, but no new namespaces. clone3 hides its flags from seccomp: ENOSYS makes libc use clone. */
function cloneWithoutNamespaces(): SeccompRule[] {
  return [
    allow(
      ['clone'],
      [{ index: 0, value: cloneNewNamespaces, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    ),
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: constants.errno.ENOSYS },
  ];
}
