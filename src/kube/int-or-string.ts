/** `intstr.IntOrString`: a number, or the name of a port, or a percentage such as `25%`. */
export type IntOrString = number | string;

const percentage = /^(\d+)%$/;

export function isPercentage(value: IntOrString): boolean {
  return typeof value === 'string' && percentage.test(value);
}

/**
 * The number that `value` means: itself, or the percentage of `total` rounded up or down.
 * @returns undefined for a text that is no percentage.
 */
export function scaledValue(
  value: IntOrString,
  total: number,
  round: 'up' | 'down',
): number | undefined {
  if (typeof value === 'number') return value;
  const percent = percentage.exec(value)?.[1];
  if (percent === undefined) return undefined;
  const scaled = (Number(percent) * total) / 100;
  return round === 'up' ? Math.ceil(scaled) : Math.floor(scaled);
}
