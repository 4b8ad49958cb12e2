import type { PrefetchSettings, StaleSettings } from '../../config.ts';
import { allowArguments, readDuration, readInteger, type Reading } from '../reading.ts';
import type { Line } from '../syntax.ts';
import type { Token } from '../token.ts';

const DEFAULT_GAP_MS = 60_000;
const DEFAULT_STALE_MS = 3_600_000;
/** CoreDNS's bounds and default, in per cent of the TTL. */
const MIN_PERCENTAGE = 10;
const MAX_PERCENTAGE = 90;

function readPercentage(token: Token | undefined, reading: Reading): number {
  if (token === undefined) return MIN_PERCENTAGE;
  const value = Number(/^(\d+)%$/.exec(token.text)?.[1]);
  if (value >= MIN_PERCENTAGE && value <= MAX_PERCENTAGE) return value;
  reading.report(token, `${JSON.stringify(token.text)} is no percentage from 10% to 90%`);
  return MIN_PERCENTAGE;
}

/** `prefetch AMOUNT [[DURATION] [PERCENTAGE%]]` */
export function readPrefetch(line: Line, reading: Reading): PrefetchSettings {
  const [amount, gap, percentage] = line.args;
  allowArguments(line, 3, reading);
  return {
    amount: readInteger(amount, { min: 1, max: 1e6, at: line.name }, reading),
    gapMs: gap === undefined ? DEFAULT_GAP_MS : readDuration(gap, reading),
    percentage: readPercentage(percentage, reading),
  };
}

/** `serve_stale [DURATION] [immediate|verified]` */
export function readStale(line: Line, reading: Reading): StaleSettings {
  const [duration, mode] = line.args;
  allowArguments(line, 2, reading);
  if (mode !== undefined && mode.text !== 'immediate' && mode.text !== 'verified') {
    reading.report(
      mode,
      `serve_stale knows immediate and verified, not ${JSON.stringify(mode.text)}`,
    );
  }
  return {
    forMs: duration === undefined ? DEFAULT_STALE_MS : readDuration(duration, reading),
    isVerified: mode?.text === 'verified',
  };
}
