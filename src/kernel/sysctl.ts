import { readFileSync, writeFileSync } from 'node:fs';
import { Fault, messageOf } from '../fault/index.ts';

/** `net/ipv4/ip_forward`; interface names may hold dots, so dots stay as they are. */
const NAME = /^[a-z0-9_]+(\/[^/\0]+)+$/;

/** Writes a sysctl of the calling thread's namespaces. @throws Fault `SYSCTL_FAILED` with the name and value. */
export function writeSysctl(name: string, value: string): void {
  access(`write ${JSON.stringify(value)} to`, name, (path) =>
    writeFileSync(path, value, { flag: 'r+' }),
  );
}

/** Reads a sysctl of the calling thread's namespaces, without the newline at its end. */
export function readSysctl(name: string): string {
  return access('read', name, (path) => readFileSync(path, 'utf8')).trimEnd();
}

function access<T>(verb: string, name: string, body: (path: string) => T): T {
  if (!NAME.test(name) || name.split('/').includes('..')) {
    throw new Fault({
      code: 'SYSCTL_FAILED',
      message: `${JSON.stringify(name)} is not the name of a sysctl`,
      advice: 'Write it with slashes, below /proc/sys: net/ipv4/ip_forward.',
    });
  }
  try {
    return body(`/proc/sys/${name}`);
  } catch (cause) {
    const message = `cannot ${verb} sysctl ${name}: ${messageOf(cause)}`;
    throw new Fault({ code: 'SYSCTL_FAILED', message, cause });
  }
}
