import type { CacheBounds, CacheSettings } from '../../config.ts';
import {
  allowArguments,
  onlyArgument,
  readDuration,
  readInteger,
  readOptions,
  readZones,
  type DirectiveReader,
  type OptionReader,
  type Reading,
} from '../reading.ts';
import type { Line } from '../syntax.ts';
import { readPrefetch, readStale } from './cache-options.ts';

type Draft = { -readonly [K in keyof CacheSettings]: CacheSettings[K] };

/** CoreDNS's defaults: 256 shards of 39 entries for each of both; seconds. */
const CAPACITY = 9984;
const MAX_SUCCESS = 3600;
const MAX_DENIAL = 1800;
const MIN_TTL = 5;
const MAX_SERVFAIL = 300;
const MAX_CAPACITY = 1_000_000;
const MAX_SECONDS = 86_400;

/** `success CAPACITY [TTL] [MINTTL]` */
function readBounds(option: Line, otherwise: CacheBounds, reading: Reading): CacheBounds {
  allowArguments(option, 3, reading);
  const { name, args } = option;
  const read = (index: number, fallback: number, max: number): number =>
    args[index] === undefined
      ? fallback
      : readInteger(args[index], { min: 0, max, at: name }, reading);
  return {
    capacity: read(0, otherwise.capacity, MAX_CAPACITY),
    maxTtl: read(1, otherwise.maxTtl, MAX_SECONDS),
    minTtl: read(2, otherwise.minTtl, MAX_SECONDS),
  };
}

function optionsOf(
  draft: Draft,
  bounds: { readonly success: CacheBounds; readonly denial: CacheBounds },
  reading: Reading,
): Record<string, OptionReader> {
  return {
    success: (option) => {
      draft.success = readBounds(option, bounds.success, reading);
    },
    denial: (option) => {
      draft.denial = readBounds(option, bounds.denial, reading);
    },
    servfail: (option) => {
      const token = onlyArgument(option, reading);
      if (token === undefined) return;
      draft.servfailTtl = readDuration(token, reading) / 1000;
      if (draft.servfailTtl > MAX_SERVFAIL) reading.report(token, 'servfail takes at most 5m');
    },
    disable: (option) => {
      const kind = onlyArgument(option, reading);
      if (kind?.text === 'success') delete draft.success;
      else if (kind?.text === 'denial') delete draft.denial;
      else if (kind !== undefined) reading.report(kind, 'disable takes success or denial');
    },
    prefetch: (option) => {
      draft.prefetch = readPrefetch(option, reading);
    },
    serve_stale: (option) => {
      draft.stale = readStale(option, reading);
    },
    keepttl: (option) => {
      allowArguments(option, 0, reading);
      draft.keepsTtl = true;
    },
  };
}

/** `cache [TTL] [ZONES...] { ... }`: of upstream answers only; the cluster's own never come from a cache. */
export const cacheDirective: DirectiveReader = {
  name: 'cache',
  read(line, reading) {
    const [first] = line.args;
    const hasTtl = first !== undefined && /^\d+$/.test(first.text);
    const cap = hasTtl
      ? readInteger(first, { min: 1, max: MAX_SECONDS, at: line.name }, reading)
      : undefined;
    const bounds = {
      success: { capacity: CAPACITY, maxTtl: cap ?? MAX_SUCCESS, minTtl: MIN_TTL },
      denial: { capacity: CAPACITY, maxTtl: cap ?? MAX_DENIAL, minTtl: MIN_TTL },
    };
    const zones = readZones(hasTtl ? line.args.slice(1) : line.args, reading);
    const draft: Draft = { zones, ...bounds, servfailTtl: MIN_TTL, keepsTtl: false };
    readOptions(line, reading, optionsOf(draft, bounds, reading));
    reading.block.cache = draft;
  },
};
