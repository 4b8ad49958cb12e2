import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createKernel, type Kernel } from '../src/kernel/index.ts';
import { Nftables } from '../src/nft/index.ts';
import { NodeProgrammer, type PlanSettings } from '../src/plan/index.ts';
import { judgeService, type Capture, type SliceObject } from '../src/services/index.ts';
import { figureOf, median, type Figure } from './figure.ts';
import {
  iptablesLayout,
  legacyLayout,
  nftablesLayout,
  type Layout,
  type PlainService,
} from './kube-proxy-layouts.ts';
import type { Workbench } from './workbench.ts';

const bench = 'service-layouts';
const SIZES = [0, 1000, 10_000, 50_000] as const;
const MANY = 10_000;
/** The number of the Service that comes and goes. */
const ONE_MORE = 60_000;
const COLD_SAMPLES = 5;
const SAMPLES = 101;
/** A change through a tool is a process each time. */
const TOOL_SAMPLES = 7;
const WARM_UP = 200;

const vantage = { nodeName: 'node1', nodeIPs: ['172.18.0.2'], zone: '' };
const settings: PlanSettings = {
  nodeName: vantage.nodeName,
  podCIDRs: ['10.244.0.0/16'],
  serviceCIDRs: ['10.96.0.0/12'],
  nodeIPs: vantage.nodeIPs,
};

/** The n-th Service, with two endpoints; `shift` gives it others. */
function serviceAt(index: number, shift = 0): PlainService {
  const bytes = (number: number): string => `${(number >> 8) & 255}.${number & 255}`;
  return {
    name: `s${index}`,
    ip: `10.97.${bytes(index)}`,
    port: 80,
    endpoints: [0, 1].map((position) => ({
      ip: `10.244.${bytes(index * 2 + position + shift)}`,
      port: 8080,
    })),
  };
}

const servicesUpTo = (count: number): PlainService[] =>
  Array.from({ length: count }, (_, index) => serviceAt(index));

/** As the service proxy does it: the judgement is in the time. */
function judge({ name, ip, port, endpoints }: PlainService): [string, readonly Capture[]] {
  const metadata = { namespace: 'default', name };
  const service = { metadata, spec: { clusterIP: ip, clusterIPs: [ip], ports: [{ port }] } };
  const slice: SliceObject = {
    metadata,
    addressType: 'IPv4',
    ports: [{ name: '', protocol: 'TCP', port: endpoints[0]?.port ?? 0 }],
    endpoints: endpoints.map((end) => ({ addresses: [end.ip], conditions: { ready: true } })),
  };
  return [`default/${name}`, judgeService(service, [slice], vantage).captures];
}

function time(body: () => void): number {
  const begin = performance.now();
  body();
  return performance.now() - begin;
}

type Step = 'add' | 'change' | 'delete';

/** Milliseconds of one change with so many other Services there. */
function timeSteps(programmer: NodeProgrammer): Record<Step, number> {
  const [service, changed] = [serviceAt(ONE_MORE), serviceAt(ONE_MORE, 7)];
  const times: Record<Step, number[]> = { add: [], change: [], delete: [] };
  for (let round = -WARM_UP; round < SAMPLES; round += 1) {
    const steps = {
      add: time(() => programmer.apply(...judge(service))),
      change: time(() => programmer.apply(...judge(changed))),
      delete: time(() => programmer.apply(`default/${service.name}`, [])),
    };
    if (round < 0) continue;
    for (const step of Object.keys(steps) as Step[]) times[step].push(steps[step]);
  }
  return {
    add: median(times.add),
    change: median(times.change),
    delete: median(times.delete),
  };
}

/** Runs the body in a network namespace that is gone afterwards. */
function inFreshNamespace<T>(kernel: Kernel, pin: string, body: () => T): T {
  kernel.createNetworkNamespace(pin);
  try {
    return body();
  } finally {
    kernel.deleteNamespace(pin);
  }
}

interface Times {
  readonly cold: number;
  readonly add: number;
  readonly delete: number;
}

interface OurTimes extends Times {
  readonly change: number;
  /** All of them again, over the tables of an agent before this one. */
  readonly restart: number;
  /** Bytes of the agent's heap, for each Service. */
  readonly heap: number;
}

/** Our own layout at a size; cold and restart are medians of several, each by new programmers. */
function timeOurs(kernel: Kernel, pin: string, size: number): OurTimes {
  return inFreshNamespace(kernel, pin, () => {
    const services = servicesUpTo(size);
    const cold: number[] = [];
    const restart: number[] = [];
    const heaps: number[] = [];
    for (let round = 1; ; round += 1) {
      const before = heapInUse();
      using first = openProgrammer(kernel, pin);
      cold.push(time(() => first.programmer.start(services.map(judge))));
      heaps.push((heapInUse() - before) / Math.max(1, size));
      using second = openProgrammer(kernel, pin);
      restart.push(time(() => second.programmer.start(services.map(judge))));
      if (round < COLD_SAMPLES) {
        second.programmer.stop();
        continue;
      }
      // Later rounds may still hold the programmers before them, which then are in both numbers.
      const [heap, steps] = [Math.max(...heaps), timeSteps(second.programmer)];
      return { cold: median(cold), restart: median(restart), heap, ...steps };
    }
  });
}

function openProgrammer(
  kernel: Kernel,
  pin: string,
): Disposable & { readonly programmer: NodeProgrammer } {
  const nftables = new Nftables(kernel.openNetfilterSocket(pin));
  const programmer = new NodeProgrammer(nftables, settings, ({ cause }) => {
    throw cause;
  });
  return { programmer, [Symbol.dispose]: () => programmer.close() };
}

/** Bytes of the heap that something still refers to. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  return process.memoryUsage().heapUsed;
}

/** The same Services in another layout, by its tool; the text is made beforehand. */
function timeLayout(kernel: Kernel, pin: string, { layout, size }: LayoutCase): Times {
  const load = (input: string): void => {
    const { status, stderr } = spawnSync('nsenter', [`--net=${pin}`, ...layout.tool], { input });
    if (status !== 0) throw new Error(`${layout.name}: ${stderr.toString().slice(0, 500)}`);
  };
  return inFreshNamespace(kernel, pin, () => {
    const all = layout.all(servicesUpTo(size));
    const cold = time(() => load(all));
    const service = serviceAt(ONE_MORE);
    const times = { add: [] as number[], delete: [] as number[] };
    for (let round = 0; round < TOOL_SAMPLES; round += 1) {
      times.add.push(time(() => load(layout.add(service))));
      times.delete.push(time(() => load(layout.remove(service))));
    }
    return { cold, add: median(times.add), delete: median(times.delete) };
  });
}

interface LayoutCase {
  readonly layout: Layout;
  readonly size: number;
}

function stepFigures(kernel: Kernel, pin: string): Figure[] {
  const empty = timeOurs(kernel, pin, 0);
  return SIZES.flatMap((size) => {
    const times = size === 0 ? empty : timeOurs(kernel, pin, size);
    const text = size.toLocaleString('en');
    const own = figureOf({ bench, figure: `program ${text}, cold`, value: times.cold, unit: 'ms' });
    const heap = { bench, figure: `agent's heap for each of ${text}`, unit: 'B' };
    const again = figureOf({
      bench,
      figure: `program ${text}, restart`,
      value: times.restart,
      unit: 'ms',
      peer: { name: 'cold', value: times.cold },
    });
    const state = size === 0 ? [] : [own, again, figureOf({ ...heap, value: times.heap })];
    const steps = (['add', 'change', 'delete'] as const).map((step) =>
      figureOf({
        bench,
        figure: `${step} one Service, at ${text}`,
        value: times[step],
        unit: 'ms',
        peer: { name: 'at 0', value: empty[step] },
        aim: { of: 'ratio', compare: '<=', bound: 2 },
      }),
    );
    return [...state, ...steps];
  });
}

function layoutFigures(kernel: Kernel, pin: string): Figure[] {
  const ours = timeOurs(kernel, pin, MANY);
  const at = `${MANY.toLocaleString('en')} Services x 2 endpoints`;
  return [nftablesLayout, iptablesLayout, legacyLayout].flatMap((layout) => {
    const theirs = timeLayout(kernel, pin, { layout, size: MANY });
    const figure = (name: string, step: keyof Times): Figure =>
      figureOf({
        bench,
        figure: name,
        value: ours[step],
        unit: 'ms',
        peer: { name: layout.name, value: theirs[step], ratio: 'peer/value' },
        // Loading is all that the old interface is good at: its first packets walk ten thousand rules.
        ...(layout === legacyLayout ? {} : { aim: { of: 'ratio', compare: '>=', bound: 20 } }),
      });
    return [
      figure(`${at}, cold`, 'cold'),
      figure(`add one to ${at}`, 'add'),
      figure(`delete one of ${at}`, 'delete'),
    ];
  });
}

/** What the layout of Services in the kernel costs to program, in one namespace and without an API. */
export function run({ home }: Workbench): Promise<readonly Figure[]> {
  const kernel = createKernel();
  const pin = join(home, 'layouts');
  return Promise.resolve([...stepFigures(kernel, pin), ...layoutFigures(kernel, pin)]);
}
