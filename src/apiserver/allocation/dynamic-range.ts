/** Returns a whole number from 0 to `bound` - 1; injected, so that tests choose. */
export type Pick = (bound: number) => number;

/** Numbers 0 to `size` - 1, of which those below `dynamicStart` are kept for static allocation while others last. */
export interface BandedRange {
  readonly size: number;
  readonly dynamicStart: number;
}

interface BandRule {
  readonly divisor: number;
  readonly maximum: number;
}

/** KEP-3070: the lower min(max(16, size/16), 256) addresses of a ServiceCIDR, its size without exceptions. */
export const addressBand: BandRule = { divisor: 16, maximum: 256 };

/** KEP-3668: the lower min(max(16, size/32), 128) node ports. */
export const nodePortBand: BandRule = { divisor: 32, maximum: 128 };

const minimumBand = 16;

/**
 * Splits a range of `total` numbers, of which `size` can be given out. Ranges below 16 are too small to be split.
 */
export function bandedRange(
  size: number,
  { divisor, maximum }: BandRule,
  total: number = size,
): BandedRange {
  const band = Math.min(Math.max(minimumBand, Math.floor(total / divisor)), maximum);
  return { size, dynamicStart: total < minimumBand ? 0 : Math.min(band, size) };
}

function* wrapped(from: number, to: number, pick: Pick): Generator<number> {
  const count = to - from;
  if (count <= 0) return;
  const start = pick(count);
  for (let step = 0; step < count; step += 1) yield from + ((start + step) % count);
}

/** Every number once: from a random place in the upper band on, then likewise in the lower one. */
export function* candidates({ size, dynamicStart }: BandedRange, pick: Pick): Generator<number> {
  yield* wrapped(dynamicStart, size, pick);
  yield* wrapped(0, dynamicStart, pick);
}
