import { Option, type Command } from 'commander';
import type { PodPolicies } from '../../explain/index.ts';
import { enforcementNotes } from '../../cluster/index.ts';
import { addExamples, addVerb } from '../command.ts';
import { addSource, sourceOf, type SourceFlags } from '../inquiry.ts';
import { formatTable, print, printJson, printNotes } from '../output.ts';

interface PoliciesFlags extends SourceFlags {
  readonly output?: 'json';
}

function isolationText({ isolated }: PodPolicies): string {
  if (isolated.length === 0) return 'no NetworkPolicy selects it: none keeps anything from it';
  const open = (['ingress', 'egress'] as const).filter((one) => !isolated.includes(one));
  const rest = open.length === 0 ? '' : `; no NetworkPolicy selects it for ${open.join(', ')}`;
  return `isolated for ${isolated.join(' and ')}: only what a rule admits gets through${rest}`;
}

function describe(one: PodPolicies): string {
  const head = `pod ${one.pod}: ${isolationText(one)}`;
  if (one.policies.length === 0) return head;
  const rows = one.policies.map(({ object, tier, directions, rules, source }) => [
    object.namespace === undefined ? object.name : `${object.namespace}/${object.name}`,
    tier === undefined ? object.kind : `${object.kind} (${tier})`,
    directions.join(','),
    String(rules),
    source ?? '',
  ]);
  const isWritten = rows.some((row) => row[4] !== '');
  const headers = ['POLICY', 'KIND', 'DIRECTIONS', 'RULES', ...(isWritten ? ['WHERE'] : [])];
  return `${head}\n\n${formatTable(headers, rows)}`;
}

async function policies(pod: string, flags: PoliciesFlags): Promise<void> {
  const { askPolicies } = await import('../../cluster/inquiry/matrix.ts');
  const source = sourceOf(flags);
  const answers = await askPolicies(source, pod);
  printNotes(enforcementNotes(source));
  if (flags.output === 'json') printJson(answers);
  else print(answers.map(describe).join('\n\n'));
}

export function register(program: Command): void {
  const verb = addVerb(program, 'policies', 'which policies hit a pod')
    .argument('<pod>', 'NAME, pod/NAME, or deploy/NAME and svc/NAME for each of their pods')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .action(policies);
  addSource(verb);
  addExamples(verb, [
    'portolan policies web-0 -n shop',
    'portolan policies deploy/web -f manifests/',
  ]);
}
