import type { LogClass } from '../../config.ts';
import {
  onlyArgument,
  readDuration,
  readName,
  readOptions,
  type DirectiveReader,
  type Reading,
} from '../reading.ts';
import type { Token } from '../token.ts';

const classes: readonly string[] = ['all', 'success', 'denial', 'error'] satisfies LogClass[];

const COMMON =
  '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" ' +
  '{rcode} {>rflags} {rsize} {duration}';
const COMBINED = `${COMMON} "{>opcode}"`;

/** What a format may name; of what others know as metadata there is none. */
const placeholders: ReadonlySet<string> = new Set([
  ...[...COMBINED.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? ''),
  'local',
  'common',
  'combined',
]);

/** A format with its shortcuts written out. */
function readFormat(token: Token, reading: Reading): string {
  for (const [place, name = ''] of token.text.matchAll(/\{([^}]*)\}/g)) {
    if (placeholders.has(name) || name.startsWith('/')) continue;
    reading.report(token, `log formats know no ${place}`);
  }
  return token.text.replaceAll('{common}', COMMON).replaceAll('{combined}', COMBINED);
}

/** `log [NAMES...] [FORMAT] { class CLASSES...; minDuration DURATION }` */
export const logDirective: DirectiveReader = {
  name: 'log',
  read(line, reading) {
    const chosen: LogClass[] = [];
    let minDurationMs: number | undefined;
    readOptions(line, reading, {
      class: ({ args }) => {
        for (const token of args) {
          if (classes.includes(token.text)) chosen.push(token.text as LogClass);
          else
            reading.report(token, `${JSON.stringify(token.text)} is none of ${classes.join(', ')}`);
        }
      },
      minDuration: (option) => {
        const token = onlyArgument(option, reading);
        if (token !== undefined) minDurationMs = readDuration(token, reading);
      },
    });
    const last = line.args.at(-1);
    const format = last?.text.includes('{') === true ? last : undefined;
    const names = format === undefined ? line.args : line.args.slice(0, -1);
    reading.block.log = {
      zones: names.length === 0 ? ['.'] : names.map((token) => readName(token, reading)),
      classes: chosen.length === 0 ? ['all'] : chosen,
      format: format === undefined ? COMMON : readFormat(format, reading),
      ...(minDurationMs === undefined ? {} : { minDurationMs }),
    };
  },
};
