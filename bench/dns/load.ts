import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Kernel } from '../../src/kernel/index.ts';
import { quantile } from '../figure.ts';
import { cpuTimeOf, descendantsOf } from '../processes.ts';
import { programEnv } from './programs.ts';
import type { RunningServer } from './servers.ts';

/** How dnsperf runs, and what it asks. */
export interface Load {
  readonly kernel: Kernel;
  readonly dnsperf: string;
  /** File of questions. */
  readonly questions: string;
}

/** What one run at full load came to. */
export interface Rate {
  /** Answers in a second. */
  readonly rate: number;
  /** Microseconds that all threads of the server ran, for each answer. */
  readonly cpu: number;
}

/** Microseconds, of one run at a fixed rate. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

const SECONDS = 2;
/** Sockets that questions come from, and questions that wait for their answers. */
const CLIENTS = 10;
const OUTSTANDING = 100;
/** Questions in a second of the runs that time answers: a load that no server is busy with. */
export const STEADY_RATE = 10_000;

async function dnsperf(
  { kernel, dnsperf, questions }: Load,
  server: RunningServer,
  args: readonly string[],
): Promise<string> {
  const options = ['-s', server.address, '-d', questions, '-l', String(SECONDS)];
  const child = kernel.inNamespace(server.from, () =>
    spawn(dnsperf, [...options, '-c', String(CLIENTS), '-q', String(OUTSTANDING), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: programEnv(),
    }),
  );
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const lost = /Queries lost: +(\d+)/.exec(output)?.[1];
  if (lost !== '0') throw new Error(`${server.name} lost ${lost} queries:\n${output.slice(-1500)}`);
  return output;
}

function numberIn(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1] ?? Number.NaN);
}

/** Asks as fast as the answers come. */
export async function measureRate(load: Load, server: RunningServer): Promise<Rate> {
  const pids = [server.pid, ...descendantsOf(server.pid)];
  const cpuTime = (): number => pids.reduce((sum, pid) => sum + cpuTimeOf(pid), 0);
  const before = cpuTime();
  const output = await dnsperf(load, server, []);
  const cpu = (cpuTime() - before) / 1000;
  return {
    rate: numberIn(output, /Queries per second: +([\d.]+)/),
    cpu: cpu / numberIn(output, /Queries completed: +(\d+)/),
  };
}

/** Asks at a steady rate and looks at every single answer. */
export async function measureLatency(load: Load, server: RunningServer): Promise<Latencies> {
  const output = await dnsperf(load, server, ['-v', '-Q', String(STEADY_RATE)]);
  const times = Array.from(
    output.matchAll(/^> \S+ \S+ \S+ ([\d.]+)$/gm),
    ([, seconds]) => Number(seconds) * 1e6,
  );
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
