/** One measured number, with what it is held against: a row of the table and an object of `--json`. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** What was measured beside it in the same run, with its value; empty when nothing was. */
  readonly peer: string;
  /** 1 is as good as the peer; {@link RatioOf} says which way round. */
  readonly ratio: number | null;
  /** `<= 1 s` is about the value, `ratio >= 0.9` about the ratio. */
  readonly aim: string;
  readonly met: boolean | null;
}

/** A bound that a value or a ratio should keep. */
export interface Aim {
  readonly of: 'value' | 'ratio';
  readonly compare: '<=' | '>=';
  readonly bound: number;
}

/** `value/peer` where more is better or growth is the question, `peer/value` where less is better. */
export type RatioOf = 'value/peer' | 'peer/value';

export interface Peer {
  readonly name: string;
  /** In the unit of the value it stands beside. */
  readonly value: number;
  /** `value/peer` when absent. */
  readonly ratio?: RatioOf;
}

export interface Measurement {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: Peer;
  readonly aim?: Aim;
}

function ratioTo(value: number, peer: Peer | undefined): number | null {
  if (peer === undefined) return null;
  return peer.ratio === 'peer/value' ? peer.value / value : value / peer.value;
}

function isMet(actual: number, { compare, bound }: Aim): boolean {
  return compare === '<=' ? actual <= bound : actual >= bound;
}

function aimText({ of, compare, bound }: Aim, unit: string): string {
  return of === 'value' ? `${compare} ${bound} ${unit}` : `ratio ${compare} ${bound}`;
}

/** Completes a measurement: the ratio to its peer and whether the aim is met. */
export function figureOf({ bench, figure, value, unit, peer, aim }: Measurement): Figure {
  const ratio = ratioTo(value, peer);
  const actual = aim?.of === 'ratio' ? ratio : value;
  return {
    bench,
    figure,
    value,
    unit,
    peer: peer === undefined ? '' : `${peer.name}: ${number(peer.value)} ${unit}`,
    ratio,
    aim: aim === undefined ? '' : aimText(aim, unit),
    met: aim === undefined || actual === null ? null : isMet(actual, aim),
  };
}

/** Three digits that mean something, without an exponent. */
function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function rowOf({ bench, figure, value, unit, peer, ratio, aim, met }: Figure): string[] {
  return [
    bench,
    figure,
    `${number(value)} ${unit}`,
    peer,
    ratio === null ? '' : ratio.toFixed(2),
    aim,
    met === null ? '' : met ? 'yes' : 'NO',
  ];
}

/** The figures as a table for people. */
export function formatFigures(figures: readonly Figure[]): string {
  const header = ['BENCH', 'FIGURE', 'VALUE', 'PEER', 'RATIO', 'AIM', 'MET'];
  const rows = [header, ...figures.map(rowOf)];
  const widths = header.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

/** The value that `part` of all values are below: 0.99 for p99. */
export function quantile(values: Iterable<number>, part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
}

/** The middle value: what a noisy machine's runs agree on. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
