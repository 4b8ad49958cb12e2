import { delimiter, resolve } from 'node:path';
import {
  kubeconfigFiles,
  loadContext,
  removeContext,
  writeContext,
  type KubeconfigPlace,
} from '../client/index.ts';
import { Fault } from '../fault/index.ts';
import { readAccess } from './access.ts';
import type { ClusterDirectories } from './directories.ts';
import { readRecord, writeRecord, type ClusterRecord } from './record.ts';

/** Absolute, because another command will read it in another working directory. */
function placeOf(explicit: string | undefined): KubeconfigPlace {
  if (explicit !== undefined) return { explicit: resolve(explicit) };
  const files = kubeconfigFiles().map((file) => resolve(file));
  return { env: { KUBECONFIG: files.join(delimiter) } };
}

/**
 * Makes the cluster's context current by kubectl's own rules, and notes in the record among which files it is.
 * @param explicit the one file that counts, instead of kubectl's choice
 * @returns the file that holds the context
 */
export async function enterContext(
  directories: ClusterDirectories,
  explicit: string | undefined,
): Promise<string> {
  const { name } = directories;
  const place = placeOf(explicit);
  const files = kubeconfigFiles(place);
  const file = await writeContext({ name, access: readAccess(directories), place });
  const record = readRecord(directories);
  if (record === undefined) return file;
  const kubeconfigs = [...new Set([...(record.kubeconfigs ?? []), ...files])];
  if (kubeconfigs.length !== record.kubeconfigs?.length) {
    writeRecord(directories, { ...record, kubeconfigs });
  }
  return file;
}

/** Whether the context of the cluster's name leads to this very cluster: another home may have one of the same name. */
function isOurs(directories: ClusterDirectories, file: string): boolean {
  try {
    const { options } = loadContext({ explicit: file }, directories.name);
    return options.certificateAuthority === readAccess(directories).certificateAuthority;
  } catch (error) {
    // A context that leads nowhere, or a cluster that never got one.
    if (error instanceof Fault) return true;
    throw error;
  }
}

/** Takes the cluster's context out of the files that it was written to; a current context of its own is unset. */
export async function leaveContext(
  directories: ClusterDirectories,
  record: ClusterRecord,
): Promise<void> {
  for (const explicit of record.kubeconfigs ?? []) {
    if (isOurs(directories, explicit))
      await removeContext({ name: record.name, place: { explicit } });
  }
}
