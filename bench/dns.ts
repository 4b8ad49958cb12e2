import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKernel, type Kernel } from '../src/kernel/index.ts';
import { ask } from './dns/ask.ts';
import {
  measureLatency,
  measureRate,
  STEADY_RATE,
  type Latencies,
  type Load,
  type Rate,
} from './dns/load.ts';
import { requirePrograms } from './dns/programs.ts';
import { questionSets, type QuestionSet } from './dns/questions.ts';
import {
  bindServer,
  nsdServer,
  portolanServer,
  startServer,
  type RunningServer,
} from './dns/servers.ts';
import { figureOf, median, type Aim, type Figure, type RatioOf } from './figure.ts';
import type { Workbench } from './workbench.ts';

const bench = 'dns';
const ROUNDS = 5;
/** Questions of each set that all servers have to answer alike before they are measured. */
const COMPARED = 300;

/** Portolan first: the others are what it is held against. */
type Servers = readonly [RunningServer, RunningServer, RunningServer];

type Sample = Rate & Latencies;

/** What is shown of the samples, and what Portolan's ratio to BIND and to NSD should be. */
const shown: readonly {
  readonly field: keyof Sample;
  readonly text: string;
  readonly unit: string;
  readonly ratio: RatioOf;
  readonly bounds: readonly [number?, number?];
}[] = [
  { field: 'rate', text: 'answers', unit: 'q/s', ratio: 'value/peer', bounds: [1, 0.8] },
  { field: 'cpu', text: 'CPU for each', unit: 'us', ratio: 'peer/value', bounds: [] },
  { field: 'p50', text: 'p50', unit: 'us', ratio: 'peer/value', bounds: [] },
  { field: 'p99', text: 'p99', unit: 'us', ratio: 'peer/value', bounds: [1] },
];

/** The same zone means the same answers. @throws Error at the first question that is answered in two ways */
async function compare(kernel: Kernel, servers: Servers, { lines }: QuestionSet): Promise<void> {
  for (const line of lines.slice(0, COMPARED)) {
    const answers = await Promise.all(servers.map((server) => ask(kernel, server, line)));
    if (new Set(answers).size === 1) continue;
    const said = servers.map(({ name }, index) => `${name}: ${answers[index]}`);
    throw new Error(`servers disagree about ${line}\n${said.join('\n')}`);
  }
}

/** Samples of every server; they take turns, so that what else the machine does hits them alike. */
async function sample(load: Load, servers: Servers): Promise<Sample[][]> {
  const samples = servers.map((): Sample[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, server] of servers.entries()) {
      const rate = await measureRate(load, server);
      samples[index]?.push({ ...rate, ...(await measureLatency(load, server)) });
    }
  }
  return samples;
}

function figuresOf(set: QuestionSet, servers: Servers, samples: readonly Sample[][]): Figure[] {
  return shown.flatMap(({ field, text, unit, ratio, bounds }) => {
    const [own = Number.NaN, ...others] = samples.map((ofServer) =>
      median(ofServer.map((one) => one[field])),
    );
    const at = field.startsWith('p') ? `, at ${STEADY_RATE.toLocaleString('en')} q/s` : '';
    return others.map((value, index) => {
      const bound = bounds[index];
      const aim: Aim | undefined =
        bound === undefined ? undefined : { of: 'ratio', compare: '>=', bound };
      return figureOf({
        bench,
        figure: `${set.name}: ${text}${at}`,
        value: own,
        unit,
        peer: { name: servers[index + 1]?.name ?? '', value, ratio },
        ...(aim === undefined ? {} : { aim }),
      });
    });
  });
}

/** Portolan's DNS server beside two of files: one worker each, the same zone, in namespaces of their own. */
export async function run({ home }: Workbench): Promise<readonly Figure[]> {
  const { dnsperf, named, nsd } = requirePrograms({
    dnsperf: 'dnsperf',
    named: 'bind9',
    nsd: 'nsd',
  });
  const kernel = createKernel();
  const directory = join(home, 'dns');
  mkdirSync(directory);
  await using stack = new AsyncDisposableStack();
  const start = async (kind: typeof portolanServer): Promise<RunningServer> =>
    stack.use(await startServer(kernel, kind, directory));
  const servers: Servers = [
    await start(portolanServer),
    await start(bindServer(named)),
    await start(nsdServer(nsd)),
  ];
  const figures: Figure[] = [];
  for (const set of questionSets) {
    await compare(kernel, servers, set);
    const questions = join(directory, `${set.name}.txt`);
    writeFileSync(questions, `${set.lines.join('\n')}\n`);
    figures.push(...figuresOf(set, servers, await sample({ kernel, dnsperf, questions }, servers)));
  }
  return figures;
}
