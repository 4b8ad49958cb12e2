import type { Server } from 'node:net';
import { join } from 'node:path';
import { createKernel, type Kernel } from '../src/kernel/index.ts';
import { podKind, type Pod } from '../src/kube/index.ts';
import { createBarePair, type BarePair } from './bare-pair.ts';
import { measureConnect, serveConnects, whenConnectable } from './connect-latency.ts';
import { figureOf, median, type Figure } from './figure.ts';
import { measureThroughput, serveThroughput, type Route } from './throughput.ts';
import type { BenchCluster, Workbench } from './workbench.ts';

const manifest = join(import.meta.dirname, 'manifests', 'server.yaml');
const THROUGHPUT_ROUNDS = 7;
const CONNECT_ROUNDS = 25;
const ATTAINED = 0.9;
const CLUSTER_IP = '10.96.0.50';

interface NamedRoute extends Route {
  readonly name: string;
}

/** The bare pair first: it is what the others are held against. */
type Routes = readonly [NamedRoute, ...NamedRoute[]];

/** Runs all routes in turn, again and again, so that what else the machine does hits them alike. */
async function alternate(
  routes: Routes,
  rounds: number,
  measure: (route: Route) => Promise<number>,
): Promise<Map<string, number>> {
  const samples = new Map(routes.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const route of routes) samples.get(route.name)?.push(await measure(route));
  }
  return new Map([...samples].map(([name, values]) => [name, median(values)]));
}

interface Question {
  readonly what: string;
  readonly unit: string;
  readonly ratio: 'value/peer' | 'peer/value';
}

function figuresOf(
  question: Question,
  [bare, ...paths]: Routes,
  values: Map<string, number>,
): Figure[] {
  const peer = {
    name: bare.name,
    value: values.get(bare.name) ?? Number.NaN,
    ratio: question.ratio,
  };
  return paths.map(({ name }) =>
    figureOf({
      bench: 'network',
      figure: `${question.what}, ${name}`,
      value: values.get(name) ?? Number.NaN,
      unit: question.unit,
      peer,
      aim: { of: 'ratio', compare: '>=', bound: ATTAINED },
    }),
  );
}

async function measureAll(kernel: Kernel, routes: Routes): Promise<Figure[]> {
  const throughput = await alternate(routes, THROUGHPUT_ROUNDS, (route) =>
    measureThroughput(kernel, route),
  );
  const connects = await alternate(routes, CONNECT_ROUNDS, (route) =>
    measureConnect(kernel, route),
  );
  return [
    ...figuresOf({ what: 'throughput', unit: 'Gbit/s', ratio: 'value/peer' }, routes, throughput),
    ...figuresOf({ what: 'connect', unit: 'us', ratio: 'peer/value' }, routes, connects),
  ];
}

/** A pod that does nothing: what is measured runs in its network, not in its container. */
async function createPod(
  workbench: Workbench,
  cluster: BenchCluster,
  name: string,
  node: string,
): Promise<Pod> {
  const overrides = JSON.stringify({ spec: { nodeName: node } });
  await workbench.kubectl(
    'run',
    name,
    '--image=busybox',
    `--labels=app=${name}`,
    `--overrides=${overrides}`,
    '--',
    'sleep',
    '3600',
  );
  await workbench.kubectl('wait', '--for=condition=Ready', `pod/${name}`);
  return cluster.client.get(podKind, { namespace: 'default', name });
}

async function createRoutes(workbench: Workbench, cluster: BenchCluster, bare: BarePair) {
  const server = await createPod(workbench, cluster, 'server', 'node1');
  const near = await createPod(workbench, cluster, 'near', 'node1');
  const far = await createPod(workbench, cluster, 'far', 'node2');
  await workbench.kubectl('apply', '-f', manifest);
  const pinOf = (pod: Pod): string => cluster.podPin(pod.metadata.uid ?? '');
  const address = server.status?.podIP ?? '';
  const routes: Routes = [
    { name: 'bare veth pair', from: bare.client, address: bare.serverAddress },
    { name: 'pods of one node', from: pinOf(near), address },
    { name: 'pods across nodes', from: pinOf(far), address },
    { name: 'through a ClusterIP', from: pinOf(near), address: CLUSTER_IP },
  ];
  return { routes, servers: [bare.server, pinOf(server)] };
}

/** What the way through nodes and Services costs, beside a veth pair that nothing is on. */
export async function run(workbench: Workbench): Promise<readonly Figure[]> {
  const kernel = createKernel();
  return workbench.withCluster([], async (cluster) => {
    const bare = createBarePair(kernel, workbench.home);
    const stops: (() => Promise<void>)[] = [];
    const listening: Server[] = [];
    try {
      const { routes, servers } = await createRoutes(workbench, cluster, bare);
      for (const pin of servers) {
        stops.push(await serveThroughput(kernel, pin));
        listening.push(await serveConnects(kernel, pin));
      }
      for (const route of routes) await whenConnectable(kernel, route);
      return await measureAll(kernel, routes);
    } finally {
      for (const server of listening) server.close();
      await Promise.all(stops.map((stop) => stop()));
      bare.close();
    }
  });
}
