/** One measured number, with what it is held against. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** What was measured beside it in the same run; empty when nothing was. */
  readonly peer: string;
  /** The value over the peer's; 1 is as good as the peer. */
  readonly ratio: number | null;
  /** `<= 1.0 s`, `>= 0.9`. */
  readonly aim: string;
  readonly met: boolean | null;
}

/** A bound that a value or a ratio should keep. */
export interface Aim {
  readonly of: 'value' | 'ratio';
  readonly compare: '<=' | '>=';
  readonly bound: number;
}

export interface Measurement {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: { readonly name: string; readonly value: number };
  readonly aim?: Aim;
}

function isMet(actual: number, { compare, bound }: Aim): boolean {
  return compare === '<=' ? actual <= bound : actual >= bound;
}

/** Completes a measurement: the ratio to its peer and whether the aim is met. */
export function figureOf({ bench, figure, value, unit, peer, aim }: Measurement): Figure {
  const ratio = peer === undefined ? null : value / peer.value;
  const actual = aim?.of === 'ratio' ? ratio : value;
  return {
    bench,
    figure,
    value,
    unit,
    peer: peer?.name ?? '',
    ratio,
    aim:
      aim === undefined ? '' : `${aim.compare} ${aim.bound}${aim.of === 'value' ? ` ${unit}` : ''}`,
    met: aim === undefined || actual === null ? null : isMet(actual, aim),
  };
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The figures as a table for people. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = [
    ['BENCH', 'FIGURE', 'VALUE', 'PEER', 'RATIO', 'AIM', 'MET'],
    ...figures.map((one) => [
      one.bench,
      one.figure,
      `${number(one.value)} ${one.unit}`,
      one.peer,
      one.ratio === null ? '' : one.ratio.toFixed(2),
      one.aim,
      one.met === null ? '' : one.met ? 'yes' : 'NO',
    ]),
  ];
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

/** The middle value: what a noisy machine's runs agree on. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
