import type { LogClass } from '../../config.ts';
import { readName, readOptions, type DirectiveReader } from '../reading.ts';

const classes: readonly string[] = ['all', 'success', 'denial', 'error'] satisfies LogClass[];

/** `log [ZONES...] { class CLASSES... }` */
export const logDirective: DirectiveReader = {
  name: 'log',
  read(line, reading) {
    const chosen: LogClass[] = [];
    readOptions(line, reading, {
      class: ({ args }) => {
        for (const token of args) {
          if (classes.includes(token.text)) chosen.push(token.text as LogClass);
          else
            reading.report(token, `${JSON.stringify(token.text)} is none of ${classes.join(', ')}`);
        }
      },
    });
    reading.block.log = {
      zones: line.args.length === 0 ? ['.'] : line.args.map((token) => readName(token, reading)),
      classes: chosen.length === 0 ? ['all'] : chosen,
    };
  },
};
