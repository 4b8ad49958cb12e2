import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHttpClient, kubeconfigText } from '../client/index.ts';
import { Fault } from '../fault/index.ts';
import { serviceKind } from '../kube/index.ts';
import type { ClusterAccess } from './daemon/messages.ts';
import type { ClusterDirectories } from './directories.ts';
import { replaceFile } from './record.ts';

function accessFile(directories: ClusterDirectories): string {
  return join(directories.state, 'access.json');
}

/** Keeps how the cluster is reached, for the verbs that talk to it. */
export function writeAccess(directories: ClusterDirectories, access: ClusterAccess): void {
  replaceFile(accessFile(directories), JSON.stringify(access));
}

/** @throws Fault `NEVER_STARTED` when the cluster never got so far. */
export function readAccess(directories: ClusterDirectories): ClusterAccess {
  try {
    return JSON.parse(readFileSync(accessFile(directories), 'utf8')) as ClusterAccess;
  } catch (cause) {
    throw new Fault({
      code: 'NEVER_STARTED',
      message: `cluster "${directories.name}" has not been started yet`,
      advice: 'Start it: portolan start',
      cause,
    });
  }
}

/** A kubeconfig with this cluster alone. */
export function standaloneKubeconfig(directories: ClusterDirectories): string {
  return kubeconfigText(directories.name, readAccess(directories));
}

/** What the API has of a Service. @throws ApiError `NotFound` */
export async function findService(
  directories: ClusterDirectories,
  ref: { readonly namespace: string; readonly name: string },
): Promise<{ readonly type: string }> {
  const client = createHttpClient(readAccess(directories));
  try {
    const service = await client.get(serviceKind, ref);
    return { type: service.spec.type ?? 'ClusterIP' };
  } finally {
    client.close();
  }
}
