import { Option, type Command } from 'commander';
import type { MatrixAnswer } from '../../cluster/inquiry/matrix.ts';
import { addExamples, addVerb } from '../command.ts';
import { addSource, sourceOf, type SourceFlags } from '../inquiry.ts';
import { print, printJson, printNotes } from '../output.ts';

const formats = ['table', 'json', 'csv', 'dot', 'mermaid'] as const;

interface MatrixFlags extends SourceFlags {
  readonly output: (typeof formats)[number];
  readonly ports?: string;
  readonly diff?: string;
}

async function show({ matrix, changes, notes }: MatrixAnswer, { output }: MatrixFlags) {
  const { diffText, matrixFormats } = await import('../../explain/index.ts');
  printNotes(notes);
  if (output === 'json') printJson(changes === undefined ? matrix : { ...matrix, changes });
  else if (changes !== undefined) print(diffText(changes));
  else print(matrixFormats[output]?.(matrix) ?? '');
}

async function matrix(flags: MatrixFlags): Promise<void> {
  const { askMatrix } = await import('../../cluster/inquiry/matrix.ts');
  const { ports, diff } = flags;
  const answer = await askMatrix({
    ...sourceOf(flags),
    ...(ports === undefined ? {} : { ports }),
    ...(diff === undefined ? {} : { comparedWith: diff }),
  });
  await show(answer, flags);
}

export function register(program: Command): void {
  const verb = addVerb(program, 'matrix', 'who reaches whom, as far as policies decide')
    .option('--ports <list>', 'like 80,443/TCP,53/UDP (default: those that pods declare)')
    .option('--diff <file>', 'what differs from a matrix that was saved with -o json')
    .addOption(new Option('-o, --output <format>', 'form').choices(formats).default('table'))
    .action(matrix);
  addSource(verb);
  addExamples(verb, [
    'portolan matrix -n shop',
    'portolan matrix --with policy.yaml              # what would change if it were applied',
    'portolan matrix -f manifests/ -o mermaid        # without a cluster',
  ]);
}
