import { join } from 'node:path';
import { serviceKind } from '../src/kube/index.ts';
import { figureOf, type Figure } from './figure.ts';
import type { BenchCluster, Workbench } from './workbench.ts';

const manifest = join(import.meta.dirname, 'manifests', 'two-pods.yaml');
const SERVICES = 10_000;
const namespace = 'default';

async function addServices({ client }: BenchCluster): Promise<void> {
  const names = Array.from({ length: SERVICES }, (_, index) => `many-${index}`);
  const spec = { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] };
  await Promise.all(
    names.map((name) =>
      client.create(serviceKind, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace },
        spec,
      }),
    ),
  );
}

/** How soon a cluster of many Services is back: they are in the store, and every node's rules are written anew. */
export async function run(workbench: Workbench): Promise<readonly Figure[]> {
  const { kubectl, portolan } = workbench;
  return workbench.withCluster([], async (cluster) => {
    await kubectl('apply', '-f', manifest);
    await kubectl('rollout', 'status', 'deployment/web');
    await addServices(cluster);
    await portolan('stop');
    const begin = performance.now();
    await portolan('start');
    const value = (performance.now() - begin) / 1000;
    return [
      figureOf({ bench: 'restart', figure: 'start after stop, 10,000 Services', value, unit: 's' }),
    ];
  });
}
