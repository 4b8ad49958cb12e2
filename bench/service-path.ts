import { join } from 'node:path';
import { createKernel, type Kernel } from '../src/kernel/index.ts';
import { podKind, serviceKind } from '../src/kube/index.ts';
import { measureConnectCall, serveConnects, whenConnectable } from './connect-latency.ts';
import { ElementWatch } from './element-watch.ts';
import { figureOf, median, type Figure } from './figure.ts';
import { measureThroughput, serveThroughput, type Route } from './throughput.ts';
import { openWorkbench, type BenchCluster, type Workbench } from './workbench.ts';

const bench = 'service-path';
const manifest = join(import.meta.dirname, 'manifests', 'service-path.yaml');
const MANY = 10_000;
/** Of the Service in the manifest. */
const CLUSTER_IP = '10.96.0.50';
const NODE_IP = '172.18.0.2';
const NODE_PORTS = { throughput: 30_201, connect: 30_202 };
const THROUGHPUT_ROUNDS = 7;
const CONNECT_ROUNDS = 25;

/** A way through a Service, and the way to the same pod without one. */
interface Path {
  readonly name: string;
  readonly route: Route;
  readonly direct: Route;
}

interface Site {
  readonly paths: readonly Path[];
}

async function createPods(
  { kubectl }: Workbench,
  cluster: BenchCluster,
): Promise<[string, string, string]> {
  await kubectl('apply', '-f', manifest);
  await kubectl('wait', '--for=condition=Ready', 'pod', '--all');
  await kubectl('wait', '--for=jsonpath={.status.loadBalancer.ingress}', 'service/server');
  const find = (name: string) => cluster.client.get(podKind, { namespace: 'default', name });
  const [server, near] = [await find('server'), await find('near')];
  const pinOf = ({ metadata }: typeof server): string => cluster.podPin(metadata.uid ?? '');
  return [server.status?.podIP ?? '', pinOf(server), pinOf(near)];
}

/** The balancer's address of the Service. */
async function externalIP({ client }: BenchCluster): Promise<string> {
  const { status } = await client.get(serviceKind, { namespace: 'default', name: 'server' });
  return status?.loadBalancer?.ingress?.[0]?.ip ?? '';
}

/** Puts Services beside the one that is measured, each before the same pods; all are in all kernels afterwards. */
async function addOthers(
  kernel: Kernel,
  { client, nodePin }: BenchCluster,
  count: number,
): Promise<void> {
  await using watch = new ElementWatch(kernel, ['node1', 'node2', 'node3'].map(nodePin));
  const add = async (index: number): Promise<void> => {
    const { spec } = await client.create(serviceKind, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `other-${index}`, namespace: 'default' },
      spec: { selector: { app: 'server' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await watch.whenEverywhere(spec.clusterIP ?? '');
  };
  await Promise.all(Array.from({ length: count }, (_, index) => add(index)));
}

/** A cluster with so many Services, its servers running, all its paths open. */
async function openSite(
  kernel: Kernel,
  workbench: Workbench,
  {
    cluster,
    others,
    servers,
  }: { cluster: BenchCluster; others: number; servers: AsyncDisposableStack },
): Promise<Site> {
  const [address, server, near] = await createPods(workbench, cluster);
  await addOthers(kernel, cluster, others);
  servers.defer(await serveThroughput(kernel, server));
  servers.defer(await serveConnects(kernel, server));
  const outside = cluster.fabricPin;
  const balancer = await externalIP(cluster);
  const inside = { direct: { from: near, address } };
  const outer = { direct: { from: outside, address } };
  const paths: Path[] = [
    { ...inside, name: 'ClusterIP', route: { from: near, address: CLUSTER_IP } },
    {
      ...outer,
      name: 'NodePort from outside',
      route: { from: outside, address: NODE_IP, ports: NODE_PORTS },
    },
    { ...inside, name: 'LoadBalancer from a pod', route: { from: near, address: balancer } },
    {
      ...outer,
      name: 'LoadBalancer from outside',
      route: { from: outside, address: balancer },
    },
  ];
  for (const { route } of paths) await whenConnectable(kernel, route);
  return { paths };
}

type Measure = (kernel: Kernel, route: Route) => Promise<number>;

interface Values {
  readonly through: number;
  readonly direct: number;
}

/** The medians of a path of every site; they take turns, so that what else the machine does hits them alike. */
async function measurePath(
  kernel: Kernel,
  paths: readonly Path[],
  { measure, rounds }: { readonly measure: Measure; readonly rounds: number },
): Promise<Values[]> {
  const samples = paths.map(() => ({ through: [] as number[], direct: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { route, direct }] of paths.entries()) {
      samples[index]?.through.push(await measure(kernel, route));
      samples[index]?.direct.push(await measure(kernel, direct));
    }
  }
  return samples.map(({ through, direct }) => ({
    through: median(through),
    direct: median(direct),
  }));
}

const counts = ['1 Service', `${MANY.toLocaleString('en')} Services`] as const;

async function connectFigures(kernel: Kernel, paths: readonly Path[]): Promise<Figure[]> {
  const question = { measure: measureConnectCall, rounds: CONNECT_ROUNDS };
  const [few, many] = await measurePath(kernel, paths, question);
  if (few === undefined || many === undefined) return [];
  const what = `first packet there and back, ${paths[0]?.name}`;
  return [
    figureOf({
      bench,
      figure: `${what}, ${counts[0]}`,
      value: few.through,
      unit: 'us',
      peer: { name: 'direct', value: few.direct },
    }),
    figureOf({
      bench,
      figure: `${what}, ${counts[1]}`,
      value: many.through,
      unit: 'us',
      peer: { name: counts[0], value: few.through },
      aim: { of: 'ratio', compare: '<=', bound: 1.1 },
    }),
  ];
}

async function throughputFigures(kernel: Kernel, paths: readonly Path[]): Promise<Figure[]> {
  const question = { measure: measureThroughput, rounds: THROUGHPUT_ROUNDS };
  const values = await measurePath(kernel, paths, question);
  return values.map(({ through, direct }, index) =>
    figureOf({
      bench,
      figure: `throughput, ${paths[index]?.name}, ${counts[index]}`,
      value: through,
      unit: 'Gbit/s',
      peer: { name: 'direct', value: direct },
      aim: { of: 'ratio', compare: '>=', bound: 0.9 },
    }),
  );
}

/** What the way through a Service costs, and whether thousands of other Services make it longer. */
export async function run(workbench: Workbench): Promise<readonly Figure[]> {
  const kernel = createKernel();
  using other = openWorkbench();
  // Awaited here: the other workbench goes when this function returns.
  return await workbench.withCluster([], (few) =>
    other.withCluster([], async (many) => {
      await using servers = new AsyncDisposableStack();
      const sites = [
        await openSite(kernel, workbench, { cluster: few, others: 0, servers }),
        await openSite(kernel, other, { cluster: many, others: MANY - 1, servers }),
      ];
      const figures: Figure[] = [];
      for (const index of sites[0]?.paths.keys() ?? []) {
        const paths = sites.flatMap((site) => site.paths.slice(index, index + 1));
        figures.push(...(await connectFigures(kernel, paths)));
        figures.push(...(await throughputFigures(kernel, paths)));
      }
      return figures;
    }),
  );
}
