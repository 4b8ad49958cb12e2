import { setTimeout as sleep } from 'node:timers/promises';
import { figureOf, type Figure } from './figure.ts';
import { cpuTimeOf, memoryOf, processesOf } from './processes.ts';
import type { Workbench } from './workbench.ts';

const MEGABYTE = 1e6;
/** Milliseconds that a cluster has to come to rest after its start. */
const SETTLE = 5000;
/** Milliseconds over which it is watched idling. */
const IDLE = 10_000;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Part of one core that the processes use while nothing is asked of them, in per cent. */
async function idleCpu(pids: readonly number[]): Promise<number> {
  const [before, begin] = [sum(pids.map(cpuTimeOf)), performance.now()];
  await sleep(IDLE);
  const nanoseconds = sum(pids.map(cpuTimeOf)) - before;
  return (100 * nanoseconds) / 1e6 / (performance.now() - begin);
}

/** What a cluster of three nodes costs while it does nothing. */
export async function run(workbench: Workbench): Promise<readonly Figure[]> {
  return workbench.withCluster([], async () => {
    await sleep(SETTLE);
    const pids = processesOf(workbench.home);
    const cpu = await idleCpu(pids);
    const memory = pids.map(memoryOf);
    const bench = 'memory';
    return [
      figureOf({
        bench,
        figure: 'idle cluster, PSS of all processes',
        value: sum(memory.map(({ pss }) => pss)) / MEGABYTE,
        unit: 'MB',
        aim: { of: 'value', compare: '<=', bound: 200 },
      }),
      figureOf({
        bench,
        figure: 'idle cluster, RSS of all processes',
        value: sum(memory.map(({ rss }) => rss)) / MEGABYTE,
        unit: 'MB',
        aim: { of: 'value', compare: '<=', bound: 200 },
      }),
      figureOf({ bench, figure: 'idle cluster, processes', value: pids.length, unit: '' }),
      figureOf({ bench, figure: 'idle cluster, CPU over 10 s', value: cpu, unit: '% of a core' }),
    ];
  });
}
