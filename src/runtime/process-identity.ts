import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../fault/index.ts';
import { errnoOf, readTextFile } from '../files/index.ts';

/** A process that cannot be mistaken for another one that got the same number later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of `/proc/PID/stat`: clock ticks from boot to the start of the process (proc(5)). */
  readonly startTicks: string;
  /** Of the boot that `startTicks` counts from. */
  readonly bootId: string;
}

const bootIdFile = '/proc/sys/kernel/random/boot_id';
const startTicksField = 22;

/** Identifies a living process; undefined when there is none (a zombie counts as none). */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readTextFile(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The command, field 2, may contain spaces and brackets: fields are counted from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const startTicks = fields[startTicksField - 3] ?? '';
  return { pid, startTicks, bootId: (readTextFile(bootIdFile) ?? '').trim() };
}

/** Whether this very process still lives. */
export function isAlive(process: ProcessIdentity): boolean {
  const now = identify(process.pid);
  return now?.startTicks === process.startTicks && now.bootId === process.bootId;
}

/** Sends a signal to this very process; false when it is gone. */
export function signalProcess(target: ProcessIdentity, signal: NodeJS.Signals | number): boolean {
  return isAlive(target) && signalPid(target.pid, signal);
}

/** Sends a signal to a process, or with a negative number to its group; false when there is none. */
export function signalPid(pid: number, signal: NodeJS.Signals | number): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
    throw error;
  }
}

const goneCheckMs = 3;

/**
 * Waits until none of the killed processes is left: they are other people's children, so nothing reports their end.
 * @throws Fault `PROCESS_SURVIVED` after `timeoutMs`.
 */
export async function waitUntilGone(
  processes: readonly ProcessIdentity[],
  timeoutMs = 5000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (const process of processes) {
    while (isAlive(process)) {
      if (performance.now() > deadline) {
        throw new Fault({
          code: 'PROCESS_SURVIVED',
          message: `process ${process.pid} still lives ${timeoutMs} ms after SIGKILL`,
          advice: `Look at /proc/${process.pid}/stack: it waits inside the kernel.`,
        });
      }
      await delay(goneCheckMs);
    }
  }
}
