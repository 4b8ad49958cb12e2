import type { PortSpan } from '../compiled.ts';
import type { ProtocolNumber } from '../contract.ts';

/**
 * A set of protocols and ports, as intervals on one line: the point of a port is `protocol * 65536 + port`. Flat pairs
 * of first and last, ascending, neither overlapping nor touching, so that equal sets are equal lists.
 *
 *     0 ... TCP 0 ───── TCP 65535 ... UDP 0 ───── UDP 65535 ... 255 x 65535
 */
export type Region = readonly number[];

const PORTS = 65_536;
const LAST_PORT = PORTS - 1;
const LAST_PROTOCOL = 255;

export const emptyRegion: Region = [];
export const fullRegion: Region = [0, (LAST_PROTOCOL + 1) * PORTS - 1];

/** Ports of one protocol; without ports all of them. */
export function regionOf(protocol: ProtocolNumber, first = 0, last = LAST_PORT): Region {
  return first > last ? emptyRegion : [protocol * PORTS + first, protocol * PORTS + last];
}

export function regionHas(region: Region, protocol: ProtocolNumber, port: number): boolean {
  const point = protocol * PORTS + port;
  for (let at = 0; at < region.length; at += 2) {
    if (point <= (region[at + 1] ?? -1)) return point >= (region[at] ?? 0);
  }
  return false;
}

export function isSameRegion(one: Region, two: Region): boolean {
  return one === two || (one.length === two.length && one.every((bound, at) => bound === two[at]));
}

export function union(one: Region, two: Region): Region {
  if (one.length === 0 || two === fullRegion || one === two) return two;
  if (two.length === 0 || one === fullRegion || holds(one, two)) return one;
  return remember(unions, one, two, merge);
}

/** True when `outer` has all of `inner`. */
function holds(outer: Region, inner: Region): boolean {
  let at = 0;
  for (let next = 0; next < inner.length; next += 2) {
    const [first = 0, last = 0] = [inner[next], inner[next + 1]];
    while (at < outer.length && (outer[at + 1] ?? 0) < last) at += 2;
    if (at >= outer.length || (outer[at] ?? 0) > first) return false;
  }
  return true;
}

type Memo = WeakMap<Region, WeakMap<Region, Region>>;

const unions: Memo = new WeakMap();
const intersections: Memo = new WeakMap();

/** The few regions of a cluster's rules meet again and again; and who is given the same list compares it at once. */
function remember(
  memo: Memo,
  one: Region,
  two: Region,
  make: (one: Region, two: Region) => Region,
): Region {
  const known = memo.get(one) ?? new WeakMap<Region, Region>();
  memo.set(one, known);
  const made = known.get(two) ?? make(one, two);
  known.set(two, made);
  return made;
}

function merge(one: Region, two: Region): Region {
  const starts = [...pairs(one), ...pairs(two)].sort(([a], [b]) => a - b);
  const result: number[] = [];
  for (const [first, last] of starts) {
    const end = result.at(-1);
    if (end !== undefined && first <= end + 1) result[result.length - 1] = Math.max(end, last);
    else result.push(first, last);
  }
  return result;
}

export function intersect(one: Region, two: Region): Region {
  if (one === fullRegion || one === two) return two;
  if (two === fullRegion) return one;
  if (one.length === 0 || two.length === 0) return emptyRegion;
  return remember(intersections, one, two, overlap);
}

function overlap(one: Region, two: Region): Region {
  const result: number[] = [];
  for (const [first, last] of pairs(one)) {
    for (const [otherFirst, otherLast] of pairs(two)) {
      const from = Math.max(first, otherFirst);
      const to = Math.min(last, otherLast);
      if (from <= to) result.push(from, to);
    }
  }
  return result;
}

export function subtract(one: Region, two: Region): Region {
  return two.length === 0 ? one : intersect(one, complement(two));
}

function complement(region: Region): Region {
  const result: number[] = [];
  let next = 0;
  for (const [first, last] of pairs(region)) {
    if (first > next) result.push(next, first - 1);
    next = last + 1;
  }
  const end = fullRegion[1] ?? 0;
  if (next <= end) result.push(next, end);
  return result;
}

function* pairs(region: Region): Generator<readonly [first: number, last: number]> {
  for (let at = 0; at < region.length; at += 2) yield [region[at] ?? 0, region[at + 1] ?? 0];
}

/** The set as rectangles of protocols by ports that do not overlap. */
export function spansOf(region: Region): PortSpan[] {
  return [...pairs(region)].flatMap(([first, last]) => rectangles(first, last));
}

/** An interval begins and ends within protocols, and has whole ones between. */
function rectangles(first: number, last: number): PortSpan[] {
  const [from, firstPort] = [Math.floor(first / PORTS), first % PORTS];
  const [to, lastPort] = [Math.floor(last / PORTS), last % PORTS];
  if (from === to) return [{ protocols: [from, from], ports: [firstPort, lastPort] }];
  const isFirstWhole = firstPort === 0;
  const isLastWhole = lastPort === LAST_PORT;
  const [wholeFrom, wholeTo] = [isFirstWhole ? from : from + 1, isLastWhole ? to : to - 1];
  const spans: PortSpan[] = [];
  if (!isFirstWhole) spans.push({ protocols: [from, from], ports: [firstPort, LAST_PORT] });
  if (wholeFrom <= wholeTo) spans.push({ protocols: [wholeFrom, wholeTo], ports: [0, LAST_PORT] });
  if (!isLastWhole) spans.push({ protocols: [to, to], ports: [0, lastPort] });
  return spans;
}
