import { Fault } from '../../fault/index.ts';
import { MATRIX_VERSION, type Cell, type Matrix } from './contract.ts';

/** What becomes of a connection between two matrices; undefined where one of them does not know it. */
export interface CellChange {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly before: boolean | undefined;
  readonly after: boolean | undefined;
}

function keyOf({ from, to, port }: Cell): string {
  return `${from} ${to} ${port}`;
}

/** All that differs, in the order of the newer one, then what is gone. */
export function diffMatrices(before: Matrix, after: Matrix): CellChange[] {
  const old = new Map(before.cells.map((cell) => [keyOf(cell), cell]));
  const known = new Set(after.cells.map(keyOf));
  const changed = after.cells.map(({ admits, ...cell }) => {
    return { ...cell, before: old.get(keyOf({ ...cell, admits }))?.admits, after: admits };
  });
  const gone = before.cells
    .filter((cell) => !known.has(keyOf(cell)))
    .map(({ admits, ...cell }) => ({ ...cell, before: admits, after: undefined }));
  return [...changed, ...gone].filter(({ before, after }) => before !== after);
}

/** Reads what `-o json` printed. @throws Fault `NOT_A_MATRIX` */
export function readMatrix(text: string, file: string): Matrix {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notAMatrix(file, cause);
  }
  const { schemaVersion } = (value ?? {}) as Partial<Matrix>;
  if (schemaVersion !== MATRIX_VERSION) throw notAMatrix(file);
  return value as Matrix;
}

function notAMatrix(file: string, cause?: unknown): Fault {
  return new Fault({
    code: 'NOT_A_MATRIX',
    message: `${file} is no matrix of this Portolan (${MATRIX_VERSION})`,
    advice: 'Make one: portolan matrix -o json > before.json',
    cause,
  });
}

const words = new Map([
  [true, 'admits'],
  [false, 'does not admit'],
  [undefined, 'is not there'],
]);

/** A line for each change: `+` where connections get through that did not before. */
export function diffText(changes: readonly CellChange[]): string {
  if (changes.length === 0) return 'nothing changes';
  return changes
    .map(({ from, to, port, before, after }) => {
      const sign = after === true ? '+' : '-';
      return `${sign} ${from} -> ${to} ${port}: ${words.get(before)} before, ${words.get(after)} after`;
    })
    .join('\n');
}
