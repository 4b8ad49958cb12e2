import { join } from 'node:path';
import { createKernel } from '../src/kernel/index.ts';
import { serviceKind, type Service } from '../src/kube/index.ts';
import { ElementWatch } from './element-watch.ts';
import { figureOf, median, quantile, type Figure } from './figure.ts';
import { memoryOf, processesOf } from './processes.ts';
import type { BenchCluster, Workbench } from './workbench.ts';

const bench = 'services';
const manifest = join(import.meta.dirname, 'manifests', 'two-pods.yaml');
const NODES = ['node1', 'node2', 'node3'];
const MANY = 1000;
const VERY_MANY = 10_000;
/** Services written one by one before it counts: the first calls of anything run unoptimised. */
const WARM_UP = 10;
const SAMPLES = 25;
/** Where the slowest one in a hundred is asked for. */
const MANY_SAMPLES = 300;
const namespace = 'default';
const written = 'API write to all kernels';

interface Scene {
  readonly client: BenchCluster['client'];
  readonly watch: ElementWatch;
  readonly workbench: Workbench;
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

/** Milliseconds of each of so many, one after the other. */
async function timeOneByOne(scene: Scene, samples = SAMPLES): Promise<number[]> {
  for (let round = 0; round < WARM_UP; round += 1) await timeOne(scene);
  const times: number[] = [];
  for (let round = 0; round < samples; round += 1) times.push(await timeOne(scene));
  return times;
}

/** Seconds until the Services of these numbers, written at once, are in every node's kernel. */
async function timeMany(scene: Scene, from: number, to: number): Promise<number> {
  const begin = performance.now();
  const names = Array.from({ length: to - from }, (_, index) => `many-${from + index}`);
  await Promise.all(names.map((name) => addService(scene, name)));
  return (performance.now() - begin) / 1000;
}

/** Bytes of all processes of the cluster. */
function memoryOfCluster({ workbench }: Scene): number {
  return processesOf(workbench.home).reduce((sum, pid) => sum + memoryOf(pid).pss, 0);
}

async function measureThousand(scene: Scene): Promise<Figure[]> {
  const alone = median(await timeOneByOne(scene));
  const many = await timeMany(scene, 0, MANY);
  const among = median(await timeOneByOne(scene));
  return [
    figureOf({ bench, figure: `${written}, at 0 Services`, value: alone, unit: 'ms' }),
    figureOf({
      bench,
      figure: `${written}, at 1,000 Services`,
      value: among,
      unit: 'ms',
      peer: { name: 'at 0 Services', value: alone },
      aim: { of: 'ratio', compare: '<=', bound: 2 },
    }),
    figureOf({ bench, figure: '1,000 Services written, in all kernels', value: many, unit: 's' }),
  ];
}

async function measureTenThousand(scene: Scene): Promise<Figure[]> {
  const before = memoryOfCluster(scene);
  const seconds = await timeMany(scene, MANY, VERY_MANY);
  const memory = (memoryOfCluster(scene) - before) / (VERY_MANY - MANY);
  const times = await timeOneByOne(scene, MANY_SAMPLES);
  const at = ', at 10,000 Services';
  const aim = { of: 'value', compare: '<=', bound: 10 } as const;
  return [
    figureOf({ bench, figure: `9,000 more written, in all kernels`, value: seconds, unit: 's' }),
    figureOf({ bench, figure: `${written}, median${at}`, value: median(times), unit: 'ms' }),
    figureOf({
      bench,
      figure: `${written}, p99${at}`,
      value: quantile(times, 0.99),
      unit: 'ms',
      aim,
    }),
    figureOf({
      bench,
      figure: `PSS of the cluster for each${at}`,
      value: memory / 1000,
      unit: 'kB',
    }),
  ];
}

/** How soon a Service is in the kernel, and whether thousands of others make it later. */
export async function run(workbench: Workbench): Promise<readonly Figure[]> {
  const { kubectl } = workbench;
  return workbench.withCluster([], async ({ client, nodePin }) => {
    await kubectl('apply', '-f', manifest);
    await kubectl('rollout', 'status', 'deployment/web');
    await using watch = new ElementWatch(createKernel(), NODES.map(nodePin));
    const scene = { client, watch, workbench };
    return [...(await measureThousand(scene)), ...(await measureTenThousand(scene))];
  });
}
