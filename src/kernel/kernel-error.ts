import { Fault } from '../fault/index.ts';
import { errnoName } from '../netlink/index.ts';

/** A system call failed: code `KERNEL_REFUSED`, with the errno. */
export class KernelError extends Fault {
  /** Positive. */
  readonly errno: number;
  /** `EADDRINUSE`, `ENOENT`, ... */
  readonly errnoName: string;

  constructor(what: string, errno: number) {
    const name = errnoName(errno);
    super({
      code: 'KERNEL_REFUSED',
      message: `cannot ${what}: ${name}`,
      ...(name === 'EPERM' && { advice: 'Run as root; `portolan doctor` tells what is missing.' }),
    });
    this.name = 'KernelError';
    this.errno = errno;
    this.errnoName = name;
  }
}
