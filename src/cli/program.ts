import { Command } from 'commander';
import { portolanVersion } from '../cluster/versions.ts';
import type { CommandModule } from './command.ts';

/** The verbs in the order of the help; each file in commands/ is one. */
export const verbs = [
  'start',
  'stop',
  'delete',
  'list',
  'status',
  'ip',
  'service',
  'addons',
  'explain',
  'matrix',
  'policies',
  'selects',
  'flows',
  'kubeconfig',
  'image',
  'exec',
  'logs',
  'doctor',
  'version',
  'completion',
] as const;

/** What the shells' completion scripts call; not in the help. */
const COMPLETE = 'complete';

/** Loads only the verb that is asked for: a command that answers in a tenth of a second feels local. */
async function loadVerbs(wanted: string | undefined): Promise<CommandModule[]> {
  const known = [...verbs, COMPLETE].find((verb) => verb === wanted);
  return Promise.all(
    (known === undefined ? verbs : [known]).map(
      (verb) => import(`./commands/${verb}.ts`) as Promise<CommandModule>,
    ),
  );
}

/** The program with the verb that the words name, or with all verbs when they name none. */
export async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('portolan')
    .description('The whole Kubernetes network on one Linux machine, in about a second.')
    .version(portolanVersion(), '-V, --version', 'the version; more by the verb')
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(add --help to see how it is used)')
    .addHelpText('after', '\nA first session: portolan start, then kubectl get nodes -o wide');
  for (const module of await loadVerbs(words[0])) module.register(program);
  return program;
}
