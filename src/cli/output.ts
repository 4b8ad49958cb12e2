import { styleText } from 'node:util';
import { Fault } from '../fault/index.ts';

/** Prints an answer to stdout. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

export async function printYaml(value: unknown): Promise<void> {
  const { stringify } = await import('yaml');
  print(stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }));
}

/** Says on stderr what was passed over, so that an answer stays one to read by programs. */
export function printNotes(notes: readonly string[]): void {
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
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

/** How many columns of a terminal a text takes; the marks that are used here take two. */
function widthOf(text: string): number {
  return Array.from(text, (character) => (character === '✅' ? 2 : 1)).reduce<number>(
    (sum, width) => sum + width,
    0,
  );
}

/** Rows in a box, headers in the middle of their columns. */
export function formatBox(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = headers.map((header, column) =>
    Math.max(...[header, ...rows.map((row) => row[column] ?? '')].map(widthOf)),
  );
  const line = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const head = headers.map((header, column) => {
    const space = (widths[column] ?? 0) - header.length;
    const before = Math.floor(space / 2);
    return `${' '.repeat(before)}${header}${' '.repeat(space - before)}`;
  });
  const body = rows.map((row) =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))),
  );
  const text = [head, ...body].map((cells) => `| ${cells.join(' | ')} |`);
  return [line, text[0] ?? '', line, ...text.slice(1), line].join('\n');
}

/** What to do about the errors that a machine, not a bug, brings about. */
const systemAdvice: Readonly<Record<string, string>> = {
  EACCES: 'Run it as root, or as the user who owns the files.',
  EPERM: 'Run it as root.',
  EROFS: 'Set PORTOLAN_HOME to a folder on a file system that can be written.',
  ENOSPC: 'Free some space on that file system.',
  EDQUOT: 'Free some of the space that this user may take.',
  EMFILE: 'Raise the limit of open files: ulimit -n 65536.',
  ENFILE: 'Raise the limit of open files of this machine: sysctl fs.file-max.',
};

/** An error of the operating system as `EROFS: read-only file system, mkdir '/x'`, with advice; undefined for all others. */
function describeSystemError(error: unknown): readonly [string, string] | undefined {
  const { code = '', syscall, message } = error as NodeJS.ErrnoException;
  const advice = systemAdvice[code];
  return syscall === undefined || advice === undefined ? undefined : [message, advice];
}

function describe(error: unknown): readonly [what: string, advice?: string] {
  if (error instanceof Fault) {
    return error.advice === undefined ? [error.message] : [error.message, error.advice];
  }
  const system = describeSystemError(error);
  if (system !== undefined) return system;
  return [`internal error: ${error instanceof Error ? (error.stack ?? '') : String(error)}`];
}

/** Says on stderr what went wrong and what to do; a bug shows its stack. */
export function printFailure(error: unknown, stream: NodeJS.WritableStream = process.stderr): void {
  const [what, advice] = describe(error);
  stream.write(`${styleText('red', 'portolan:', { stream })} ${what}\n`);
  if (advice !== undefined) stream.write(`  ${advice}\n`);
}
