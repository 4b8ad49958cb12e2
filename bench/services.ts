import { createKernel } from '../src/kernel/index.ts';
import { serviceKind, type Service } from '../src/kube/index.ts';
import { ElementWatch } from './element-watch.ts';
import { figureOf, median, type Figure } from './figure.ts';
import type { BenchCluster, Workbench } from './workbench.ts';

const bench = 'services';
const NODES = ['node1', 'node2', 'node3'];
const MANY = 1000;
/** Services written one by one before it counts: the first calls of anything run unoptimised. */
const WARM_UP = 10;
const SAMPLES = 25;
const namespace = 'default';

interface Scene {
  readonly client: BenchCluster['client'];
  readonly watch: ElementWatch;
}

/** A Service in front of the two pods that are Ready already. */
function serviceOf(name: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

/** Writes a Service and waits until every node's kernel has it. */
async function addService({ client, watch }: Scene, name: string): Promise<string> {
  const { spec } = await client.create(serviceKind, serviceOf(name));
  const address = spec.clusterIP ?? '';
  await watch.whenEverywhere(address);
  return address;
}

/** Milliseconds from the write until every node's kernel has the Service. */
async function timeOne(scene: Scene): Promise<number> {
  const name = 'one';
  const begin = performance.now();
  const address = await addService(scene, name);
  const milliseconds = performance.now() - begin;
  await scene.client.delete(serviceKind, { namespace, name });
  await scene.watch.whenNowhere(address);
  return milliseconds;
}

async function timeOneByOne(scene: Scene): Promise<number> {
  for (let round = 0; round < WARM_UP; round += 1) await timeOne(scene);
  const times: number[] = [];
  for (let round = 0; round < SAMPLES; round += 1) times.push(await timeOne(scene));
  return median(times);
}

/** Seconds until so many Services, written at once, are in every node's kernel. */
async function timeMany(scene: Scene): Promise<number> {
  const begin = performance.now();
  const names = Array.from({ length: MANY }, (_, index) => `many-${index}`);
  await Promise.all(names.map((name) => addService(scene, name)));
  return (performance.now() - begin) / 1000;
}

async function measure(scene: Scene): Promise<Figure[]> {
  const alone = await timeOneByOne(scene);
  const many = await timeMany(scene);
  const among = await timeOneByOne(scene);
  const figure = 'API write to all kernels';
  return [
    figureOf({ bench, figure: `${figure}, at 0 Services`, value: alone, unit: 'ms' }),
    figureOf({
      bench,
      figure: `${figure}, at 1,000 Services`,
      value: among,
      unit: 'ms',
      peer: { name: 'at 0 Services', value: alone },
      aim: { of: 'ratio', compare: '<=', bound: 2 },
    }),
    figureOf({ bench, figure: '1,000 Services written, in all kernels', value: many, unit: 's' }),
  ];
}

/** How soon a Service is in the kernel, and whether a thousand others make it later. */
export async function run(workbench: Workbench): Promise<readonly Figure[]> {
  const { kubectl } = workbench;
  return workbench.withCluster(['--images', 'stand-in'], async ({ client, nodePin }) => {
    await kubectl('create', 'deployment', 'web', '--image=web', '--port=8080', '--replicas=2');
    await kubectl('rollout', 'status', 'deployment/web');
    await using watch = new ElementWatch(createKernel(), NODES.map(nodePin));
    return await measure({ client, watch });
  });
}
