import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where kubectl would look; the parts of the process's environment that matter. */
export interface KubeconfigPlace {
  /** A file named on the command line: it alone counts. */
  readonly explicit?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
}

/** The files that kubectl merges, first wins: the explicit one, or those of KUBECONFIG, or `~/.kube/config`. */
export function kubeconfigFiles(place: KubeconfigPlace = {}): string[] {
  if (place.explicit !== undefined) return [place.explicit];
  const { env = process.env, home = env['HOME'] ?? homedir() } = place;
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return listed.length > 0 ? [...new Set(listed)] : [join(home, '.kube', 'config')];
}

/**
 * The file that takes new entries: the first that exists, else the last
 * (`GetDefaultFilename` of client-go's clientcmd/config.go).
 */
export function defaultFile(files: readonly string[]): string {
  return files.find((path) => existsSync(path)) ?? files.at(-1) ?? '';
}
