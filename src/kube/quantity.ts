import { Fault } from '../fault/index.ts';

/** How a quantity was written, and so how its canonical text is printed. */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

/** `resource.Quantity`: an exact number with three decimals times three, i.e. down to nano. */
export interface Quantity {
  /** The value times 10^9. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

const nanoPerUnit = 1_000_000_000n;

/** The greatest amount of either sign, 2^63 - 1; what is more counts as that (`maxAllowed` in resource/quantity.go). */
const greatestNano = (2n ** 63n - 1n) * nanoPerUnit;

/** Powers of ten. */
const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/** Powers of 1024. */
const binaryExponents: Readonly<Record<string, number>> = {
  Ki: 1,
  Mi: 2,
  Gi: 3,
  Ti: 4,
  Pi: 5,
  Ei: 6,
};

const pattern =
  /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?<suffix>[eE][+-]?\d+|[KMGTPE]i|[numkMGTPE]?)$/;

interface Scale {
  readonly format: QuantityFormat;
  readonly multiplier: bigint;
  /** Of ten. */
  readonly exponent: number;
}

function scaleOf(suffix: string): Scale {
  const binary = binaryExponents[suffix];
  if (binary !== undefined) {
    return { format: 'BinarySI', multiplier: 1024n ** BigInt(binary), exponent: 0 };
  }
  const decimal = decimalExponents[suffix];
  if (decimal !== undefined) return { format: 'DecimalSI', multiplier: 1n, exponent: decimal };
  return { format: 'DecimalExponent', multiplier: 1n, exponent: Number(suffix.slice(1)) };
}

/** Division that rounds away from zero: quantities below nano count as one nano. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** @returns undefined when the text is no quantity. */
export function tryParseQuantity(text: string | number): Quantity | undefined {
  const match = pattern.exec(String(text))?.groups;
  if (match === undefined) return undefined;
  const { sign = '', whole = '', fraction = '', suffix = '' } = match;
  if (whole === '' && fraction === '') return undefined;
  const { format, multiplier, exponent } = scaleOf(suffix);
  if (Math.abs(exponent) > 100) return undefined;
  const digits = BigInt(`${whole}${fraction}`) * multiplier;
  const power = 9 + exponent - fraction.length;
  const nano = power >= 0 ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power));
  const capped = nano > greatestNano ? greatestNano : nano;
  return { nano: sign === '-' ? -capped : capped, format };
}

/** The text of the failure that the API gives for a quantity that does not parse. */
export const quantityError =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** @throws Fault `QUANTITY_INVALID` */
export function parseQuantity(text: string | number): Quantity {
  const quantity = tryParseQuantity(text);
  if (quantity !== undefined) return quantity;
  throw new Fault({
    code: 'QUANTITY_INVALID',
    message: `"${text}" is not a quantity: ${quantityError}`,
    advice: 'Write a number with an optional suffix, such as 500m, 2 or 128Mi.',
  });
}

export function compareQuantities(one: Quantity, two: Quantity): -1 | 0 | 1 {
  if (one.nano === two.nano) return 0;
  return one.nano < two.nano ? -1 : 1;
}

export function addQuantities(one: Quantity, two: Quantity): Quantity {
  return { nano: one.nano + two.nano, format: one.format };
}

/** The value in whole units, rounded up: bytes of `1Gi`, cores of `500m` (1). */
export function quantityValue(quantity: Quantity): bigint {
  return divideUp(quantity.nano, nanoPerUnit);
}

/** The value in thousandths, rounded up: CPU shares are reckoned from it. */
export function quantityMilliValue(quantity: Quantity): bigint {
  return divideUp(quantity.nano, 1_000_000n);
}

function decimalText(nano: bigint, suffixOf: (exponent: number) => string): string {
  if (nano === 0n) return '0';
  let mantissa = nano;
  let exponent = -9;
  while (exponent < 18 && mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  return `${mantissa}${suffixOf(exponent)}`;
}

function binaryText(units: bigint): string {
  let mantissa = units;
  let power = 0;
  while (power < 6 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    power += 1;
  }
  const suffix = Object.entries(binaryExponents).find(([, value]) => value === power)?.[0] ?? '';
  return `${mantissa}${suffix}`;
}

const decimalSuffixes = new Map(
  Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]),
);

/** The canonical text: no fraction, the greatest suffix that loses nothing. Small binary values print decimally. */
export function formatQuantity({ nano, format }: Quantity): string {
  const isSmall = nano < 1024n * nanoPerUnit && nano > -1024n * nanoPerUnit;
  if (format === 'BinarySI' && !isSmall) return binaryText(divideUp(nano, nanoPerUnit));
  if (format === 'DecimalExponent') {
    return decimalText(nano, (exponent) => (exponent === 0 ? '' : `e${exponent}`));
  }
  return decimalText(nano, (exponent) => decimalSuffixes.get(exponent) ?? '');
}
