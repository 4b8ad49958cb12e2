/** Letters to change, add, drop or exchange with their neighbour to make one text the other. */
function distance(one: string, two: string): number {
  const rows = [Array.from({ length: two.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= two.length; j += 1) row.push(cell(rows, row, { one, two, i, j }));
    rows.push(row);
  }
  return rows[one.length]?.[two.length] ?? 0;
}

interface Place {
  readonly one: string;
  readonly two: string;
  readonly i: number;
  readonly j: number;
}

function cell(
  rows: readonly (readonly number[])[],
  row: readonly number[],
  { one, two, i, j }: Place,
): number {
  const at = (back: number, column: number): number => rows[i - back]?.[column] ?? Infinity;
  const differs = one[i - 1] === two[j - 1] ? 0 : 1;
  const isSwapped = one[i - 1] === two[j - 2] && one[i - 2] === two[j - 1];
  return Math.min(
    at(1, j) + 1,
    (row[j - 1] ?? Infinity) + 1,
    at(1, j - 1) + differs,
    isSwapped && i > 1 && j > 1 ? at(2, j - 2) + 1 : Infinity,
  );
}

/** A third of the letters, and at least one, may be wrong before a name is another one altogether. */
function isNear(wanted: string, known: string): boolean {
  const isPart = known.includes(wanted) || wanted.includes(known);
  return isPart || distance(wanted, known) <= Math.max(1, Math.round(wanted.length / 3));
}

/** Those that may have been meant, the likeliest first; at most three. */
export function nearest(wanted: string, known: Iterable<string>): string[] {
  return [...new Set(known)]
    .filter((name) => name !== '' && wanted !== '' && isNear(wanted, name))
    .map((name) => ({ name, far: distance(wanted, name) }))
    .sort((one, two) => one.far - two.far || (one.name < two.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `a`, `a or b`, `a, b or c` */
export function alternatives(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
