import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads a file of /proc; undefined when its process has ended meanwhile. */
function readProc(...path: string[]): string | undefined {
  try {
    return readFileSync(join('/proc', ...path), 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Every process whose command line or environment names `home`: the daemon, and each conmon and runc below it. The
 * processes inside containers are the user's, not the cluster's.
 */
export function processesOf(home: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => ['cmdline', 'environ'].some((file) => readProc(pid, file)?.includes(home)))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

/** Proportional set size and resident set size in bytes: shared pages are divided in the former, counted in the latter. */
export function memoryOf(pid: number): { readonly pss: number; readonly rss: number } {
  const text = readProc(String(pid), 'smaps_rollup') ?? '';
  const bytes = (name: string): number =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
  return { pss: bytes('Pss'), rss: bytes('Rss') };
}

/** Nanoseconds that all threads of a process have run (`Documentation/scheduler/sched-stats.rst`, schedstat). */
export function cpuTimeOf(pid: number): number {
  const tasks = join('/proc', String(pid), 'task');
  return readdirSync(tasks)
    .map((thread) => readProc(String(pid), 'task', thread, 'schedstat') ?? '')
    .reduce((total, text) => total + Number(text.split(' ')[0] ?? 0), 0);
}

/** Processes that a process started, and those that they did. */
export function descendantsOf(pid: number): number[] {
  const tasks = join('/proc', String(pid), 'task');
  return readdirSync(tasks)
    .flatMap((thread) => readProc(String(pid), 'task', thread, 'children')?.match(/\d+/g) ?? [])
    .map(Number)
    .flatMap((child) => [child, ...descendantsOf(child)]);
}
