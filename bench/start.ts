import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  clusterDirectories,
  DEFAULT_NAME,
  findDirectories,
  nodeLoopback,
  readRecord,
} from '../src/cluster/index.ts';
import { figureOf, median, type Figure } from './figure.ts';
import type { Workbench } from './workbench.ts';

const bench = 'start';
const ROUNDS = 5;
const root = join(import.meta.dirname, '..');
const manifest = join(import.meta.dirname, 'manifests', 'app.yaml');
const execute = promisify(execFile);

/** Of the Service in the manifest. */
const name = 'web.default.svc.cluster.local';

interface Stage {
  readonly figure: string;
  readonly reach: (workbench: Workbench) => Promise<unknown>;
}

/** The stages of time-to-k8s, the benchmark that minikube publishes, in its order; the node port is our own. */
const stages: readonly Stage[] = [
  { figure: '1 command returns', reach: ({ portolan }) => portolan('start') },
  { figure: '2 API answers', reach: ({ kubectl }) => kubectl('get', 'pods', '-A') },
  {
    figure: '3 kubernetes Service is there',
    reach: ({ kubectl }) => kubectl('get', 'service', 'kubernetes'),
  },
  {
    figure: '4 DNS Service is there',
    reach: ({ kubectl }) => kubectl('get', 'service', 'kube-dns', '--namespace=kube-system'),
  },
  {
    figure: '5 app runs',
    async reach({ kubectl }) {
      await kubectl('apply', '-f', manifest);
      await kubectl('rollout', 'status', 'deployment/web');
    },
  },
  {
    figure: '6 app answers at its node port',
    reach: ({ env }) => readPage(`http://${firstNode(env)}:32000/`),
  },
  {
    figure: '7 DNS answers by name, in the app',
    reach: ({ kubectl }) => kubectl('exec', 'deployment/web', '--', 'nslookup', '-type=a', name),
  },
];

/** Where the first node answers; other clusters of the machine may have taken the addresses of the first cluster. */
function firstNode(env: NodeJS.ProcessEnv): string {
  const record = readRecord(clusterDirectories(findDirectories(env), DEFAULT_NAME));
  return nodeLoopback(record?.index ?? 0, 1);
}

/** Asks until the page is there, as a user would; a connection that is refused is asked again. */
async function readPage(url: string): Promise<void> {
  for (;;) {
    const text = await fetch(url).then(
      (response) => response.text(),
      () => '',
    );
    if (text.trim() === 'served') return;
    await sleep(5);
  }
}

/** Seconds from the one zero until each stage is reached. */
async function measureStages(workbench: Workbench): Promise<number[]> {
  rmSync(join(workbench.home, '.kube'), { recursive: true, force: true });
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(async () => void (await workbench.portolan('delete')));
  const begin = performance.now();
  const seconds: number[] = [];
  for (const { reach } of stages) {
    await reach(workbench);
    seconds.push((performance.now() - begin) / 1000);
  }
  return seconds;
}

async function secondsOf(body: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await body();
  return (performance.now() - begin) / 1000;
}

async function medianSeconds(body: () => Promise<unknown>): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) seconds.push(await secondsOf(body));
  return median(seconds);
}

/** What `npm start` adds when everything is installed already: looking whether it is. */
function setUpAgain(): Promise<unknown> {
  const script = "import { setUp } from './scripts/setup.mjs'; setUp('run');";
  return execute(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
}

function stageFigures(rounds: readonly number[][]): Figure[] {
  return stages.map(({ figure }, index) =>
    figureOf({
      bench,
      figure,
      value: median(rounds.map((seconds) => seconds[index] ?? Number.NaN)),
      unit: 's',
      aim: { of: 'value', compare: '<=', bound: 1 },
    }),
  );
}

/** How soon a cluster is there, and an app on it. */
export async function run(workbench: Workbench): Promise<readonly Figure[]> {
  const rounds: number[][] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measureStages(workbench));
  const again = await workbench.withCluster([], () =>
    medianSeconds(() => execute('npm', ['start'], { cwd: root, env: workbench.env })),
  );
  const aim = { of: 'value', compare: '<=', bound: 1 } as const;
  return [
    ...stageFigures(rounds),
    figureOf({
      bench,
      figure: 'set-up check, nothing to do',
      value: await medianSeconds(setUpAgain),
      unit: 's',
      aim: { ...aim, bound: 0.5 },
    }),
    figureOf({ bench, figure: 'npm start, running already', value: again, unit: 's', aim }),
  ];
}
