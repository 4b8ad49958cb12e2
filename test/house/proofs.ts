import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of a table that says what holds and which tests prove it: `| ROW | BEHAVIOUR | PROOFS |`. */
export interface ProvenRow {
  readonly row: number;
  readonly behaviour: string;
  readonly proofs: readonly Proof[];
}

/** A test by its file, relative to the root of the repository, and its title or a part of it. */
interface Proof {
  readonly file: string;
  readonly title: string;
}

/** Reads the numbered rows of all tables of a document; a proof is written `` `FILE` "TITLE" ``. */
export function readProvenRows(markdown: string): ProvenRow[] {
  return [...markdown.matchAll(/^\| *(\d+) *\|(.*)\|([^|]*)\|$/gm)].map(
    ([, row = '', behaviour = '', proofs = '']) => ({
      row: Number(row),
      behaviour: behaviour.trim(),
      proofs: [...proofs.matchAll(/`([^`]+)` "([^"]+)"/g)].map(([, file = '', title = '']) => ({
        file,
        title,
      })),
    }),
  );
}

/** What is wrong with rows that should be 1 to `last`: rows that are missing, say nothing, or name no test that is there. */
export function unprovenRows(
  rows: readonly ProvenRow[],
  { root, last }: { readonly root: string; readonly last: number },
): string[] {
  const numbers = rows.map(({ row }) => row);
  const wanted = Array.from({ length: last }, (_, index) => index + 1);
  return [
    ...wanted.filter((row) => !numbers.includes(row)).map((row) => `row ${row} is missing`),
    ...numbers
      .filter((row, at) => numbers.indexOf(row) !== at || !wanted.includes(row))
      .map((row) => `row ${row} is there twice, or is none`),
    ...rows.filter(({ behaviour }) => behaviour === '').map(({ row }) => `row ${row} says nothing`),
    ...rows
      .filter(({ proofs }) => proofs.length === 0)
      .map(({ row }) => `row ${row} names no test`),
    ...rows.flatMap(({ row, proofs }) =>
      proofs
        .filter((proof) => !isThere(root, proof))
        .map(({ file, title }) => `row ${row}: ${file} has no test "${title}"`),
    ),
  ];
}

/** Titles may be put together from parts, so it counts that the words stand in the file, not how; comments do not. */
function isThere(root: string, { file, title }: Proof): boolean {
  const path = join(root, file);
  if (!file.endsWith('.test.ts') || !existsSync(path)) return false;
  return readFileSync(path, 'utf8')
    .split('\n')
    .some((line) => line.includes(title) && !/^\s*(?:\/\/|\/?\*)/.test(line));
}
