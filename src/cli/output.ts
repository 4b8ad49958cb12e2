import { styleText } from 'node:util';
import { Fault } from '../fault/index.ts';

/** Prints an answer to stdout. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Rows under upper-case headers, in kubectl's manner: columns padded, three spaces apart. */
export function formatTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [headers, ...rows];
  const widths = headers.map((_, column) =>
    Math.max(...all.map((row) => (row[column] ?? '').length)),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === headers.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 3),
        )
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** Says on stderr what went wrong and what to do; a bug shows its stack. */
export function printFailure(error: unknown): void {
  const stream = process.stderr;
  if (!(error instanceof Fault)) {
    stream.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return;
  }
  stream.write(`${styleText('red', 'portolan:', { stream })} ${error.message}\n`);
  if (error.advice !== undefined) stream.write(`  ${error.advice}\n`);
}
