import { Option, type Command } from 'commander';
import type { PolicySelection } from '../../explain/index.ts';
import { enforcementNotes } from '../../cluster/index.ts';
import { addExamples, addVerb } from '../command.ts';
import { addSource, sourceOf, type SourceFlags } from '../inquiry.ts';
import { print, printJson, printNotes } from '../output.ts';

interface SelectsFlags extends SourceFlags {
  readonly output?: 'json';
}

function findingLines({ findings }: PolicySelection): string[] {
  return findings.map(({ sentence, source }) => {
    return `note: ${sentence}${source === undefined ? '' : ` (${source})`}`;
  });
}

function describe(selection: PolicySelection): string {
  const { object, source, pods, directions } = selection;
  const { kind, namespace, name } = object;
  const where = source === undefined ? '' : ` (${source})`;
  const what = `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}${where}`;
  if (pods.length === 0) return [`${what} selects no pod`, ...findingLines(selection)].join('\n');
  return [
    `${what} selects ${pods.length} pod${pods.length === 1 ? '' : 's'} for ${directions.join(' and ')}:`,
    ...pods.map((pod) => `  ${pod}`),
    ...findingLines(selection),
  ].join('\n');
}

async function selects(policy: string, flags: SelectsFlags): Promise<void> {
  const { askSelection } = await import('../../cluster/inquiry/matrix.ts');
  const source = sourceOf(flags);
  const answer = await askSelection(source, policy);
  printNotes(enforcementNotes(source));
  if (flags.output === 'json') printJson(answer);
  else print(describe(answer));
}

export function register(program: Command): void {
  const verb = addVerb(program, 'selects', 'which pods a policy selects')
    .argument('<policy>', 'NAME, NAMESPACE/NAME, netpol/NAME or cnp/NAME')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .action(selects);
  addSource(verb);
  addExamples(verb, [
    'portolan selects default-deny -n shop',
    'portolan selects web --with policy.yaml         # before it is applied',
  ]);
}
