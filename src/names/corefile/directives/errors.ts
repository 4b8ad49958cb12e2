import type { Consolidation, ErrorsSettings } from '../../config.ts';
import {
  allowArguments,
  readDuration,
  readOptions,
  type DirectiveReader,
  type Reading,
} from '../reading.ts';
import type { Line } from '../syntax.ts';

type Draft = { -readonly [K in keyof ErrorsSettings]: ErrorsSettings[K] };

const levels: readonly string[] = [
  'warning',
  'error',
  'info',
  'debug',
] satisfies Consolidation['level'][];

function isExpression(text: string): boolean {
  try {
    RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** `consolidate DURATION REGEXP [LEVEL] [show_first]` */
function readConsolidation(line: Line, reading: Reading): Consolidation | undefined {
  const [duration, pattern, ...rest] = line.args;
  if (duration === undefined || pattern === undefined) {
    reading.report(line.name, 'consolidate needs a duration and a regular expression');
    return undefined;
  }
  const words = rest.map(({ text }) => text);
  const unknown = rest.find(({ text }) => text !== 'show_first' && !levels.includes(text));
  if (unknown !== undefined) {
    const known = [...levels, 'show_first'].join(', ');
    reading.report(unknown, `${JSON.stringify(unknown.text)} is none of ${known}`);
  }
  if (!isExpression(pattern.text)) {
    reading.report(pattern, `${JSON.stringify(pattern.text)} is no regular expression`);
  }
  const level = words.find((word) => levels.includes(word)) as Consolidation['level'] | undefined;
  return {
    intervalMs: readDuration(duration, reading),
    pattern: pattern.text,
    level: level ?? 'error',
    showsFirst: words.includes('show_first'),
  };
}

/** `errors { consolidate ...; stacktrace }`: failures are logged. */
export const errorsDirective: DirectiveReader = {
  name: 'errors',
  read(line, reading) {
    allowArguments(line, 0, reading);
    const draft: Draft = { consolidations: [], hasStack: false };
    readOptions(line, reading, {
      consolidate: (option) => {
        const one = readConsolidation(option, reading);
        if (one !== undefined) draft.consolidations = [...draft.consolidations, one];
      },
      stacktrace: (option) => {
        allowArguments(option, 0, reading);
        draft.hasStack = true;
      },
    });
    reading.block.errors = draft;
  },
};
