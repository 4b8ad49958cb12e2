import type { Kernel } from '../../src/kernel/index.ts';
import type { NetworkPolicy } from '../../src/kube/index.ts';
import { figureOf, median, quantile, type Figure } from '../figure.ts';
import type { Workbench } from '../workbench.ts';
import { Reach } from './reach.ts';
import { PolicySite } from './site.ts';
import { tableSize, type TableSize } from './tables.ts';

const bench = 'policy';
const SCALES = [
  { pods: 10, policies: 1 },
  { pods: 10, policies: 500 },
  { pods: 1000, policies: 500 },
  { pods: 1000, policies: 1 },
] as const;
/** Changes there and back before it counts: the first calls of anything run unoptimised. */
const WARM_UP = 20;
const ROUNDS = 150;
const SLOWEST = 0.99;

/** Cuts the server off. */
const cut: NetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'cut', namespace: 'default' },
  spec: { podSelector: { matchLabels: { app: 'server' } }, policyTypes: ['Ingress'] },
};

/** Lets in who has the label. */
const granted: NetworkPolicy = {
  ...cut,
  metadata: { name: 'granted', namespace: 'default' },
  spec: {
    ...cut.spec,
    ingress: [{ from: [{ podSelector: { matchLabels: { access: 'granted' } } }] }],
  },
};

/** A change that opens the way or cuts it. */
interface Change {
  readonly opens: boolean;
  readonly write: () => Promise<void>;
}

/**
 * Milliseconds from the start of each write until connections are as it wants them, and until it is answered; and those
 * until a write that nobody cares for is answered, at the same time.
 */
interface Times {
  readonly enforced: number[];
  readonly answered: number[];
  readonly idle: number[];
}

async function timeOne(reach: Reach, { opens, write }: Change, times: Times): Promise<void> {
  const begin = process.hrtime.bigint();
  const since = (end: bigint): number => Number(end - begin) / 1e6;
  const answered = write().then(() => since(process.hrtime.bigint()));
  const enforced = reach.whenOpen(opens).then(since);
  times.enforced.push(await enforced);
  times.answered.push(await answered);
}

interface Scene {
  readonly site: PolicySite;
  readonly reach: Reach;
}

async function timeAll({ site, reach }: Scene, changes: readonly Change[]): Promise<Times> {
  const rounds = async (count: number): Promise<Times> => {
    const times: Times = { enforced: [], answered: [], idle: [] };
    for (let round = 0; round < count; round += 1) {
      for (const change of changes) {
        await timeOne(reach, change, times);
        const begin = performance.now();
        await site.writeIdly();
        times.idle.push(performance.now() - begin);
      }
    }
    return times;
  };
  await rounds(WARM_UP);
  return rounds(ROUNDS);
}

function timePolicies(scene: Scene): Promise<Times> {
  const { site } = scene;
  return timeAll(scene, [
    { opens: false, write: () => site.apply(cut) },
    { opens: true, write: () => site.remove(cut) },
  ]);
}

/** Needs the policy that lets in who is labelled. */
function timeLabels(scene: Scene): Promise<Times> {
  const { site } = scene;
  return timeAll(scene, [
    { opens: true, write: () => site.label({ access: 'granted' }) },
    { opens: false, write: () => site.label({ access: 'none' }) },
  ]);
}

function figuresOf(what: string, { enforced, answered, idle }: Times): Figure[] {
  const common = { bench, unit: 'ms' };
  return [
    figureOf({
      ...common,
      figure: `${what} enforced, median`,
      value: median(enforced),
      peer: { name: 'any write answered', value: median(idle) },
    }),
    figureOf({
      ...common,
      figure: `${what} enforced, p99`,
      value: quantile(enforced, SLOWEST),
      peer: { name: 'any write answered', value: quantile(idle, SLOWEST) },
      aim: { of: 'value', compare: '<=', bound: 10 },
    }),
    figureOf({ ...common, figure: `${what} answered, p99`, value: quantile(answered, SLOWEST) }),
  ];
}

interface SizeAt {
  readonly at: string;
  readonly size: TableSize;
}

/** What the kernel of a node holds, beside what it held at the smallest scale. */
function sizeFigures(sizes: readonly SizeAt[]): Figure[] {
  const [least] = sizes;
  if (least === undefined) return [];
  return sizes.flatMap(({ at, size }) => [
    figureOf({
      bench,
      figure: `rules of a node, ${at}`,
      value: size.rules,
      unit: 'rules',
      peer: { name: least.at, value: least.size.rules },
      aim: { of: 'ratio', compare: '<=', bound: 1 },
    }),
    figureOf({
      bench,
      figure: `elements of a node, ${at}`,
      value: size.elements,
      unit: 'elements',
    }),
  ]);
}

/** From the API write of a policy or a label until connections are as it says, and what kernels hold for it. */
export function measureEnforcement(kernel: Kernel, workbench: Workbench): Promise<Figure[]> {
  return workbench.withCluster([], async (cluster) => {
    const site = await PolicySite.open(workbench, cluster);
    await using reach = new Reach(site.path);
    await reach.whenOpen(true);
    const figures: Figure[] = [];
    const sizes: SizeAt[] = [];
    for (const { pods, policies } of SCALES) {
      const at = `${pods.toLocaleString('en')} pods, ${policies === 1 ? '1 policy' : `${policies} policies`}`;
      await site.growTo(pods);
      await site.havePolicies(policies - 1);
      figures.push(...figuresOf(`policy written, ${at},`, await timePolicies({ site, reach })));
      await site.apply(granted);
      await reach.whenOpen(false);
      sizes.push({ at, size: tableSize(kernel, cluster.nodePin('node1')) });
      figures.push(...figuresOf(`label changed, ${at},`, await timeLabels({ site, reach })));
      await site.remove(granted);
      await reach.whenOpen(true);
    }
    return [...figures, ...sizeFigures(sizes)];
  });
}
