import { join } from 'node:path';
import { createKernel, type Kernel } from '../src/kernel/index.ts';
import { podKind } from '../src/kube/index.ts';
import { createBarePair, type BarePair } from './bare-pair.ts';
import {
  measureConnect,
  measureConnectCall,
  serveConnects,
  whenConnectable,
} from './connect-latency.ts';
import { figureOf, median, type Figure, type RatioOf } from './figure.ts';
import { measureThroughput, serveThroughput, type Route } from './throughput.ts';
import type { BenchCluster, Workbench } from './workbench.ts';

const manifest = join(import.meta.dirname, 'manifests', 'pods.yaml');
/** Of the Service in the manifest. */
const CLUSTER_IP = '10.96.0.50';

interface NamedRoute extends Route {
  readonly name: string;
}

/** The bare pair first: it is what the others are held against. */
type Routes = readonly [NamedRoute, ...NamedRoute[]];

interface Question {
  readonly what: string;
  readonly unit: string;
  readonly ratio: RatioOf;
  readonly rounds: number;
  readonly measure: (kernel: Kernel, route: Route) => Promise<number>;
}

const questions: readonly Question[] = [
  {
    what: 'throughput',
    unit: 'Gbit/s',
    ratio: 'value/peer',
    rounds: 7,
    measure: measureThroughput,
  },
  { what: 'connect', unit: 'us', ratio: 'peer/value', rounds: 15, measure: measureConnect },
  {
    what: 'connect(2) alone',
    unit: 'us',
    ratio: 'peer/value',
    rounds: 25,
    measure: measureConnectCall,
  },
];

/** The median of each route; they take turns, so that what else the machine does hits them alike. */
async function ask(kernel: Kernel, question: Question, routes: Routes): Promise<number[]> {
  const samples = routes.map((): number[] => []);
  for (let round = 0; round < question.rounds; round += 1) {
    for (const [index, route] of routes.entries()) {
      samples[index]?.push(await question.measure(kernel, route));
    }
  }
  return samples.map(median);
}

async function answer(kernel: Kernel, question: Question, routes: Routes): Promise<Figure[]> {
  const [bare = Number.NaN, ...values] = await ask(kernel, question, routes);
  const [{ name: peer }, ...paths] = routes;
  return paths.map(({ name }, index) =>
    figureOf({
      bench: 'network',
      figure: `${question.what}, ${name}`,
      value: values[index] ?? Number.NaN,
      unit: question.unit,
      peer: { name: peer, value: bare, ratio: question.ratio },
      aim: { of: 'ratio', compare: '>=', bound: 0.9 },
    }),
  );
}

interface Ends {
  readonly address: string;
  readonly server: string;
  readonly near: string;
  readonly far: string;
}

/** Makes the pods; what is measured runs in their networks, not in their containers. */
async function createPods(workbench: Workbench, cluster: BenchCluster): Promise<Ends> {
  await workbench.kubectl('apply', '-f', manifest);
  await workbench.kubectl('wait', '--for=condition=Ready', 'pod', '--all');
  const find = (name: string) => cluster.client.get(podKind, { namespace: 'default', name });
  const pinOf = async (name: string): Promise<string> =>
    cluster.podPin((await find(name)).metadata.uid ?? '');
  return {
    address: (await find('server')).status?.podIP ?? '',
    server: await pinOf('server'),
    near: await pinOf('near'),
    far: await pinOf('far'),
  };
}

function routesOf(bare: BarePair, { address, near, far }: Ends): Routes {
  return [
    { name: 'bare veth pair', from: bare.client, address: bare.serverAddress },
    { name: 'pods of one node', from: near, address },
    { name: 'pods across nodes', from: far, address },
    { name: 'through a ClusterIP', from: near, address: CLUSTER_IP },
  ];
}

/** What the way through nodes and Services costs, beside a veth pair that nothing is on. */
export async function run(workbench: Workbench): Promise<readonly Figure[]> {
  const kernel = createKernel();
  return workbench.withCluster([], async (cluster) => {
    using bare = createBarePair(kernel, workbench.home);
    await using servers = new AsyncDisposableStack();
    const ends = await createPods(workbench, cluster);
    for (const pin of [bare.server, ends.server]) {
      servers.defer(await serveThroughput(kernel, pin));
      servers.defer(await serveConnects(kernel, pin));
    }
    const routes = routesOf(bare, ends);
    for (const route of routes) await whenConnectable(kernel, route);
    const figures: Figure[] = [];
    for (const question of questions) figures.push(...(await answer(kernel, question, routes)));
    return figures;
  });
}
