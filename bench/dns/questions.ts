import {
  clusterServices,
  headlessServices,
  nameOf,
  NAMESPACES,
  reverseNameOf,
  ZONE,
} from './zone.ts';

/** Questions as dnsperf reads them: `NAME TYPE`. */
export interface QuestionSet {
  readonly name: string;
  readonly lines: readonly string[];
}

/** In every set. */
const QUESTIONS = 10_000;
const HOSTS = 500;

/** A generator of numbers below 1 that is the same at every run (xorshift32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

function pickFrom<T>(random: () => number, values: readonly T[]): T {
  const picked = values[Math.floor(random() * values.length)];
  if (picked === undefined) throw new RangeError('nothing to pick from');
  return picked;
}

/** As clients of a cluster ask: mostly addresses of Services, both families at once, sometimes ports and pointers. */
function clusterQuestion(random: () => number): string {
  const kind = random();
  const service = pickFrom(random, clusterServices);
  if (kind < 0.4) return `${nameOf(service)} A`;
  if (kind < 0.7) return `${nameOf(service)} AAAA`;
  if (kind < 0.8) return `_http._tcp.${nameOf(service)} SRV`;
  if (kind < 0.9) return `${reverseNameOf(service.addresses[0] ?? '')} PTR`;
  return `${nameOf(pickFrom(random, headlessServices))} A`;
}

/** What `ndots:5` makes of the name of a host outside: three names of the cluster that are not there. */
function searchQuestion(random: () => number): string {
  const host = `host-${Math.floor(random() * HOSTS)}.example.com`;
  const namespace = pickFrom(random, NAMESPACES);
  const suffix = pickFrom(random, [`${namespace}.svc.${ZONE}`, `svc.${ZONE}`, ZONE]);
  return `${host}.${suffix} ${random() < 0.5 ? 'A' : 'AAAA'}`;
}

function setOf(name: string, question: (random: () => number) => string): QuestionSet {
  const random = createRandom(7);
  return { name, lines: Array.from({ length: QUESTIONS }, () => question(random)) };
}

export const questionSets: readonly QuestionSet[] = [
  setOf('cluster names', clusterQuestion),
  setOf('search-path misses', searchQuestion),
];
