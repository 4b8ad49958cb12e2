import { Command, CommanderError } from 'commander';
import type { CommandModule } from './command.ts';
import { printFailure } from './output.ts';

/** The verbs in the order of the help; each file in commands/ is one. */
const verbs = [
  'start',
  'stop',
  'delete',
  'status',
  'ip',
  'service',
  'kubeconfig',
  'image',
  'exec',
  'logs',
  'doctor',
  'version',
  'completion',
] as const;

/** Loads only the verb that is asked for: a command line that starts in a tenth of a second feels local. */
async function loadVerbs(wanted: string | undefined): Promise<CommandModule[]> {
  const known = verbs.find((verb) => verb === wanted);
  const chosen = known === undefined || known === 'completion' ? verbs : [known];
  return Promise.all(
    chosen.map((verb) => import(`./commands/${verb}.ts`) as Promise<CommandModule>),
  );
}

async function main(): Promise<void> {
  const program = new Command('portolan')
    .description('The whole Kubernetes network on one Linux machine, in about a second.')
    .enablePositionalOptions()
    .exitOverride();
  for (const module of await loadVerbs(process.argv[2])) module.register(program);
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else {
      printFailure(error);
      process.exitCode = 1;
    }
  }
}

await main();
