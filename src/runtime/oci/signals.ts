import { constants } from 'node:os';

/** SIGRTMIN as C programs see it: the C library keeps the first two real-time signals (signal(7)). */
const firstRealTimeSignal = 34;

/** The number of a stop signal as images name it: `SIGQUIT`, `QUIT`, `3` or `SIGRTMIN+3`; SIGTERM when unknown. */
export function signalNumber(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const full = name.toUpperCase().replace(/^(?!SIG)/, 'SIG');
  const realTime = /^SIGRTMIN(?:\+(\d+))?$/.exec(full);
  if (realTime !== null) return firstRealTimeSignal + Number(realTime[1] ?? '0');
  const known: Readonly<Record<string, number>> = constants.signals;
  return known[full] ?? constants.signals.SIGTERM;
}
