import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createKernel } from '../src/kernel/index.ts';
import { createBarePair } from './bare-pair.ts';
import { requirePrograms } from './dns/programs.ts';
import { figureOf, median, type Aim, type Figure } from './figure.ts';
import { measureChanges } from './ingress/changes.ts';
import {
  startProxy,
  startUpstream,
  type ProxyName,
  type RunningProxy,
  type Stage,
} from './ingress/proxies.ts';
import { certificate } from './ingress/routes.ts';
import { load, type Load, type LoadOptions } from './ingress/wrk.ts';
import { cpuTimeOf } from './processes.ts';
import type { Workbench } from './workbench.ts';

const bench = 'ingress';
const ROUNDS = 3;
const SECONDS = 3;
const MANY = 5000;

/** An engine, the proxy by hand that it is held against, and how near it should come. */
const pairs: readonly {
  readonly engine: ProxyName;
  readonly peer: ProxyName;
  readonly bound: number;
}[] = [
  { engine: 'haproxy engine', peer: 'HAProxy', bound: 0.95 },
  { engine: 'node engine', peer: 'nginx', bound: 0.5 },
];

const names: readonly ProxyName[] = ['nginx', 'HAProxy', 'haproxy engine', 'node engine'];

/** Microseconds that the proxy ran for each request, beside what the load saw. */
type Sample = Load & { readonly cpu: number };
type Samples = Map<ProxyName, Sample[]>;

async function sampleOne(stage: Stage, proxy: RunningProxy, options: LoadOptions): Promise<Sample> {
  const cpuTime = (): number => proxy.pids.reduce((sum, pid) => sum + cpuTimeOf(pid), 0);
  const before = cpuTime();
  const one = await load(stage, options);
  if (one.failed > 0) throw new Error(`${proxy.name}: ${one.failed} requests failed`);
  return { ...one, cpu: (cpuTime() - before) / 1000 / one.requests };
}

/** Samples of all proxies, which take turns, so that what else the machine does hits them alike. */
async function sample(stage: Stage, scheme: 'http' | 'https', routes: number): Promise<Samples> {
  await using stack = new AsyncDisposableStack();
  const proxies: RunningProxy[] = [];
  for (const name of names) proxies.push(stack.use(await startProxy(stage, name, routes)));
  const samples: Samples = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const proxy of proxies) {
      const port = proxy[scheme];
      const one = await sampleOne(stage, proxy, { port, scheme, routes, seconds: SECONDS });
      samples.get(proxy.name)?.push(one);
    }
  }
  return samples;
}

function of(samples: Samples, name: ProxyName, field: keyof Sample): number {
  return median((samples.get(name) ?? []).map((one) => one[field]));
}

function figuresOf(what: string, samples: Samples): Figure[] {
  return pairs.flatMap(({ engine, peer, bound }) => {
    const aim: Aim = { of: 'ratio', compare: '>=', bound };
    const rows = [
      { field: 'rate', text: 'requests', unit: '/s', ratio: 'value/peer', aim },
      { field: 'cpu', text: 'CPU for each', unit: 'us', ratio: 'peer/value', aim: undefined },
      { field: 'p50', text: 'p50', unit: 'us', ratio: 'peer/value', aim: undefined },
      { field: 'p99', text: 'p99', unit: 'us', ratio: 'peer/value', aim: undefined },
    ] as const;
    return rows.map(({ field, text, unit, ratio, aim }) =>
      figureOf({
        bench,
        figure: `${engine}, ${what}: ${text}`,
        value: of(samples, engine, field),
        unit,
        peer: { name: peer, value: of(samples, peer, field), ratio },
        ...(aim === undefined ? {} : { aim }),
      }),
    );
  });
}

/** Many routes against one, of one engine. */
function growthOf(scheme: string, one: Samples, many: Samples): Figure[] {
  return pairs.map(({ engine }) =>
    figureOf({
      bench,
      figure: `${engine}, ${scheme}: requests with ${MANY} routes`,
      value: of(many, engine, 'rate'),
      unit: '/s',
      peer: { name: 'one route', value: of(one, engine, 'rate') },
      aim: { of: 'ratio', compare: '>=', bound: 0.9 },
    }),
  );
}

/** Both engines beside nginx and HAProxy by hand: one worker each, the same routes, the same upstream. */
export async function run({ home }: Workbench): Promise<readonly Figure[]> {
  const programs = requirePrograms({ nginx: 'nginx', haproxy: 'haproxy', wrk: 'wrk' });
  const kernel = createKernel();
  const folder = join(home, bench);
  mkdirSync(folder);
  await using stack = new AsyncDisposableStack();
  const pair = stack.use(createBarePair(kernel, folder));
  const stage: Stage = { kernel, pair, folder, pem: certificate(), programs };
  stack.use(startUpstream(stage));
  const figures: Figure[] = [];
  for (const scheme of ['http', 'https'] as const) {
    const one = await sample(stage, scheme, 1);
    const many = await sample(stage, scheme, MANY);
    figures.push(
      ...figuresOf(`${scheme}, 1 route`, one),
      ...figuresOf(`${scheme}, ${MANY} routes`, many),
    );
    figures.push(...growthOf(scheme, one, many));
  }
  for (const name of ['haproxy', 'node'] as const)
    figures.push(...(await measureChanges(stage, name)));
  return figures;
}
