import { readFileSync } from 'node:fs';
import { Fault } from '../fault/index.ts';
import { replaceFile } from '../files/index.ts';
import { commandLine } from './command-line.ts';
import type { ClusterAccess } from './daemon/messages.ts';
import { places, type ClusterDirectories } from './directories.ts';

/** Keeps how the cluster is reached, for the verbs that talk to it. */
export function writeAccess(directories: ClusterDirectories, access: ClusterAccess): void {
  replaceFile(places.access(directories), JSON.stringify(access), { folderMode: 0o700 });
}

/** @throws Fault `NEVER_STARTED` when the cluster never got so far. */
export function readAccess(directories: ClusterDirectories): ClusterAccess {
  try {
    return JSON.parse(readFileSync(places.access(directories), 'utf8')) as ClusterAccess;
  } catch (cause) {
    throw new Fault({
      code: 'NEVER_STARTED',
      message: `cluster "${directories.name}" never came so far that it could be reached`,
      advice: `Start it: ${commandLine('start', directories.name)}`,
      cause,
    });
  }
}

/** A kubeconfig with this cluster alone. */
export async function standaloneKubeconfig(directories: ClusterDirectories): Promise<string> {
  const { kubeconfigText } = await import('../client/index.ts');
  return kubeconfigText(directories.name, readAccess(directories));
}

/** What there is to choose from. */
export interface ServiceNames {
  readonly namespaces: readonly string[];
  /** By `namespace/name`, the type of each Service. */
  readonly types: ReadonlyMap<string, string>;
}

/** Which namespaces and Services the API has, for answers about those that it has not. @throws ApiError */
export async function listServices(directories: ClusterDirectories): Promise<ServiceNames> {
  const { createHttpClient } = await import('../client/index.ts');
  const { keyOf, namespaceKind, serviceKind } = await import('../kube/index.ts');
  const client = createHttpClient(readAccess(directories));
  try {
    const [namespaces, services] = await Promise.all([
      client.list(namespaceKind),
      client.list(serviceKind),
    ]);
    return {
      namespaces: namespaces.items.map(({ metadata }) => metadata.name),
      types: new Map(services.items.map((one) => [keyOf(one), one.spec.type ?? 'ClusterIP'])),
    };
  } finally {
    client.close();
  }
}
