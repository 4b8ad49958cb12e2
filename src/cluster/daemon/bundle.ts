import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');
/** Where set-up puts the daemon as a few files instead of a thousand; `current.json` in it names the newest. */
const home = join(root, 'node_modules', '.cache', 'bundle');
const current = join(home, 'current.json');

/** What is known of a bundle. */
interface BundleRecord {
  /** The repository that it was made of: it refers to files there. */
  readonly root: string;
  readonly directory: string;
  /** Each file that it was made of, relative to the repository, with its {@link stampOf}. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** For who makes bundles. */
export const bundlePlaces = { root, home, current };

/** Tells one content of a file from another: its size and when it was written, in nanoseconds. */
export function stampOf(path: string): string {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return `${size} ${mtimeNs}`;
}

/**
 * The directory of the bundle, if there is one of exactly the present sources; a bundle of others is not used by anybody.
 * @param record the file that names it; another one in tests
 */
export function freshBundle(record = current): string | undefined {
  try {
    const made = JSON.parse(readFileSync(record, 'utf8')) as BundleRecord;
    if (made.root !== root) return undefined;
    for (const [path, stamp] of Object.entries(made.inputs)) {
      if (stampOf(join(root, path)) !== stamp) return undefined;
    }
    return existsSync(join(made.directory, 'daemon.mjs')) ? made.directory : undefined;
  } catch (error) {
    // No bundle, or a source that is gone.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
