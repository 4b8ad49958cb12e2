import { Option, type Command } from 'commander';
import type { Story } from '../../explain/index.ts';
import { addExamples, addVerb } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { addSource, sourceOf, type SourceFlags } from '../inquiry.ts';
import { print, printJson, printYaml } from '../output.ts';

interface ExplainFlags extends SourceFlags {
  readonly output?: 'json' | 'yaml';
  readonly live?: boolean;
}

function codeOf({ admits, live = [] }: Story): number {
  if (live.some(({ agrees }) => !agrees)) return exitCode.mismatch;
  return admits ? 0 : exitCode.failure;
}

async function show(story: Story, output: ExplainFlags['output']): Promise<void> {
  if (output === 'json') {
    printJson(story);
    return;
  }
  if (output === 'yaml') {
    await printYaml(story);
    return;
  }
  const { storyText } = await import('../../explain/index.ts');
  print(storyText(story));
}

async function explain(from: string, to: string, flags: ExplainFlags): Promise<void> {
  const { explainConnection } = await import('../../cluster/inquiry/explain-connection.ts');
  const isLive = flags.live === true;
  const story = await explainConnection({ ...sourceOf(flags), from, to, isLive });
  await show(story, flags.output);
  process.exitCode = codeOf(story);
}

export function register(program: Command): void {
  const verb = addVerb(program, 'explain', 'why a connection is admitted or not, hop by hop')
    .argument(
      '<from>',
      'pod/NAME, deploy/NAME, svc/NAME, node/NAME, NAME.NAMESPACE, an address, outside',
    )
    .argument('<to>', 'the same, with :PORT and /PROTOCOL; or a URL that an Ingress answers')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json', 'yaml']))
    .option('--live', 'send the real connection, too, and compare')
    .action(explain);
  addSource(verb);
  addExamples(verb, [
    'portolan explain pod/client svc/web:80',
    'portolan explain deploy/shop/web db.shop:5432 -f manifests/   # without a cluster',
    'portolan explain outside https://foo.example.com/path',
    'portolan explain outside svc/web --live                  # exit code 4: the network does otherwise',
  ]);
}
