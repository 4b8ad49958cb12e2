import type { Kernel } from '../../src/kernel/index.ts';
import type { NetworkPolicy } from '../../src/kube/index.ts';
import { measureConnectCall, serveConnects } from '../connect-latency.ts';
import { figureOf, median, type Aim, type Figure, type RatioOf } from '../figure.ts';
import { measureThroughput, serveThroughput, type Route } from '../throughput.ts';
import { openWorkbench } from '../workbench.ts';
import { several } from './crowd.ts';
import { Reach } from './reach.ts';
import { PolicySite } from './site.ts';

const bench = 'policy';
/** None first: the others are held against it. */
const COUNTS = [0, 100, 1000] as const;
const FIRST_PORT = 7000;
const PORTS = 50;

/** A cluster with so many policies, and the way between its pods. */
interface Place {
  readonly policies: number;
  readonly route: Route;
}

interface Question {
  readonly what: string;
  readonly unit: string;
  readonly rounds: number;
  readonly ratio: RatioOf;
  readonly aim: Aim;
  readonly measure: (kernel: Kernel, route: Route) => Promise<number>;
}

const questions: readonly Question[] = [
  {
    what: 'connect(2)',
    unit: 'us',
    rounds: 41,
    ratio: 'value/peer',
    aim: { of: 'ratio', compare: '<=', bound: 1.1 },
    measure: measureConnectCall,
  },
  {
    what: 'throughput',
    unit: 'Gbit/s',
    rounds: 9,
    ratio: 'value/peer',
    aim: { of: 'ratio', compare: '>=', bound: 0.95 },
    measure: measureThroughput,
  },
];

/**
 * The n-th of the policies that isolate the measured pods in both directions: each admits a block of its own, and one of
 * many ports besides. The last lets the measured connections through.
 */
function policyAt(index: number, count: number): NetworkPolicy {
  const cidr = `198.18.${index >> 8}.${index & 255}/32`;
  const peers = [{ podSelector: { matchLabels: { app: `peer-${index}` } } }, { ipBlock: { cidr } }];
  const own = { peers, ports: [{ port: 6001, endPort: 6999 }] };
  const all = { peers: [], ports: [{ port: FIRST_PORT + 2 * (index % PORTS) }] };
  const last = { peers: [{ podSelector: {} }], ports: [{ port: 1, endPort: 6000 }] };
  const rules = [own, all, ...(index === count - 1 ? [last] : [])];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `path-${index}`, namespace: 'default' },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: rules.map(({ peers, ports }) => ({ from: peers, ports })),
      egress: rules.map(({ peers, ports }) => ({ to: peers, ports })),
    },
  };
}

/** Opens a place. Policies are enforced in the order they are written: when the last is, all are. */
async function openPlace(
  kernel: Kernel,
  { site, policies }: { readonly site: PolicySite; readonly policies: number },
  servers: AsyncDisposableStack,
): Promise<Place> {
  const { path } = site;
  servers.defer(await serveThroughput(kernel, path.to));
  servers.defer(await serveConnects(kernel, path.to));
  const [last, ...others] = several(policies, (index) => policyAt(index, policies)).reverse();
  await Promise.all(others.map((policy) => site.apply(policy)));
  await using reach = new Reach(path);
  if (last !== undefined) {
    await reach.whenOpen(false);
    await site.apply(last);
  }
  await reach.whenOpen(true);
  return { policies, route: path };
}

/** The median of each place; they take turns, so that what else the machine does hits them alike. */
async function ask(
  kernel: Kernel,
  { measure, rounds }: Question,
  places: readonly Place[],
): Promise<number[]> {
  const samples = places.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { route }] of places.entries()) {
      samples[index]?.push(await measure(kernel, route));
    }
  }
  return samples.map(median);
}

async function answer(
  kernel: Kernel,
  question: Question,
  places: readonly Place[],
): Promise<Figure[]> {
  const { what, unit, ratio, aim } = question;
  const values = await ask(kernel, question, places);
  const [without = Number.NaN] = values;
  return places.slice(1).map(({ policies }, index) =>
    figureOf({
      bench,
      figure: `${what} across nodes, ${policies.toLocaleString('en')} policies`,
      value: values[index + 1] ?? Number.NaN,
      unit,
      peer: { name: 'no policies', value: without, ratio },
      aim,
    }),
  );
}

/** Opens a fresh cluster for each count, has all of them at once. */
async function withPlaces(
  kernel: Kernel,
  [policies, ...others]: readonly number[],
  body: (places: readonly Place[]) => Promise<Figure[]>,
): Promise<Figure[]> {
  if (policies === undefined) return body([]);
  using workbench = openWorkbench();
  // Awaited here: the workbench goes when this function returns.
  return await workbench.withCluster([], async (cluster) => {
    await using servers = new AsyncDisposableStack();
    const site = await PolicySite.open(workbench, cluster);
    const place = await openPlace(kernel, { site, policies }, servers);
    return await withPlaces(kernel, others, (places) => body([place, ...places]));
  });
}

/** What policies that select both ends cost a connection and its packets, beside none. */
export function measurePaths(kernel: Kernel): Promise<Figure[]> {
  return withPlaces(kernel, COUNTS, async (places) => {
    const figures: Figure[] = [];
    for (const question of questions) figures.push(...(await answer(kernel, question, places)));
    return figures;
  });
}
