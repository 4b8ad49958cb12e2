import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Debian keeps it where a user's PATH does not look. */
const folders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** HAProxy, and what it has to be started with. */
export interface HaproxyProgram {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** An unpacked package has its libraries beside it, one folder for each architecture. */
function librariesBeside(path: string): string[] {
  const libraries = join(dirname(path), '..', 'lib');
  try {
    return readdirSync(libraries)
      .filter((name) => name.includes('-linux-'))
      .map((name) => join(libraries, name));
  } catch {
    return [];
  }
}

/**
 * Finds HAProxy: where `PORTOLAN_HAPROXY` says (set-up unpacks Debian's package and sets it), else on the PATH.
 * @returns undefined where the machine has none
 */
export function findHaproxy(env: NodeJS.ProcessEnv = process.env): HaproxyProgram | undefined {
  const { PORTOLAN_HAPROXY: unpacked, PATH = '' } = env;
  if (unpacked !== undefined && isProgram(unpacked)) {
    const libraries = librariesBeside(unpacked).join(delimiter);
    return { path: unpacked, env: { ...env, LD_LIBRARY_PATH: libraries } };
  }
  const path = [...PATH.split(delimiter), ...folders]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'haproxy'))
    .find(isProgram);
  return path === undefined ? undefined : { path, env };
}
