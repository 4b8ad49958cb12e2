import { isConditionTrue, podKind } from '../src/kube/index.ts';
import { figureOf, median, type Figure } from './figure.ts';
import type { BenchCluster, Workbench } from './workbench.ts';

const ROUNDS = 3;

interface Crowd {
  readonly figure: string;
  readonly count: number;
  /** Of `portolan start`. */
  readonly images: string;
  /** Of `kubectl create deployment`. */
  readonly args: readonly string[];
  /** Seconds. */
  readonly aim: number;
}

const crowds: readonly Crowd[] = [
  {
    figure: '100 stand-in pods Ready',
    count: 100,
    images: 'stand-in',
    args: ['--image=example.com/web:1', '--port=8080'],
    aim: 3,
  },
  {
    figure: '30 busybox containers Ready',
    count: 30,
    images: 'auto',
    args: ['--image=busybox', '--', 'sleep', '3600'],
    aim: 5,
  },
];

/** Resolves when so many pods are Ready, in the moment the watch says so. */
function whenReady({ client }: BenchCluster, count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ready = new Set<string>();
  const watch = client.watch(
    podKind,
    { namespace: 'default' },
    {
      onEvent({ object: { metadata, status } }) {
        if (isConditionTrue(status?.conditions, 'Ready')) ready.add(metadata.name);
        if (ready.size === count) resolve();
      },
      onEnd: (reason) => reject(reason ?? new Error(`the watch ended at ${ready.size} pods`)),
    },
  );
  return promise.finally(() => watch.close());
}

/** Seconds from the start of `kubectl create` until the last pod is Ready. */
function measure(workbench: Workbench, { count, images, args }: Crowd): Promise<number> {
  return workbench.withCluster(['--images', images], async (cluster) => {
    const ready = whenReady(cluster, count);
    const begin = performance.now();
    const created = workbench.kubectl(
      'create',
      'deployment',
      'crowd',
      `--replicas=${count}`,
      ...args,
    );
    await Promise.all([created, ready]);
    return (performance.now() - begin) / 1000;
  });
}

/** How long a Deployment of many pods over three nodes takes; every round has a fresh cluster. */
export async function run(workbench: Workbench): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const crowd of crowds) {
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) seconds.push(await measure(workbench, crowd));
    figures.push(
      figureOf({
        bench: 'pods',
        figure: crowd.figure,
        value: median(seconds),
        unit: 's',
        aim: { of: 'value', compare: '<=', bound: crowd.aim },
      }),
    );
  }
  return figures;
}
