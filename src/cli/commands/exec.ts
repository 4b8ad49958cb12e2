import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Command } from 'commander';
import { commandLine, hasLiveNetwork, namespacePin, programName } from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addExamples, addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, nodeOrdinal, requireRecord, requireRoot } from '../clusters.ts';
import { exitCode } from '../exit-code.ts';
import { printFailure } from '../output.ts';

/** The outside world's name on the command line. */
const OUTSIDE = 'outside';

/** Signals that are meant for the command; the terminal sends SIGINT and SIGQUIT to both by itself. */
const forwarded = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
const ignored = ['SIGINT', 'SIGQUIT'] as const;

/** The environment of the user, without what `bin/portolan` set for Node. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: _ours, ...env } = process.env;
  return env;
}

/** Waits for the command as a shell does. @returns its exit code, or 128 and the number of the signal that ended it */
async function outcomeOf(child: ChildProcess): Promise<number> {
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  for (const signal of ignored) process.on(signal, () => {});
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'ENOENT';
      const why = isMissing ? 'this machine has no such program' : (error.code ?? error.message);
      const message = `cannot run ${child.spawnfile}: ${why}`;
      printFailure(new Fault({ code: 'COMMAND_NOT_RUN', message, cause: error }));
      resolve(isMissing ? exitCode.notFound : exitCode.notExecutable);
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? exitCode.signal + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** What stands behind the node is the command, and no command begins with a hyphen. */
function misplaced(where: string, option: string): Fault {
  return new Fault({
    code: 'OPTION_MISPLACED',
    message: `${option} stands behind ${where}, where the command begins`,
    advice: `Options come first: ${programName()} exec --name NAME ${where} -- COMMAND`,
  });
}

async function exec(where: string, words: string[], { name }: CommonOptions): Promise<void> {
  const [first = ''] = words;
  if (first.startsWith('-') && first !== '--') throw misplaced(where, first);
  requireRoot('exec');
  const directories = directoriesOf(name);
  const record = requireRecord(directories);
  if (where !== OUTSIDE) nodeOrdinal(record, where);
  if (!hasLiveNetwork(directories, record)) {
    throw new Fault({
      code: 'CLUSTER_NOT_RUNNING',
      message: `cluster "${name}" is not running: it has no network to enter`,
      advice: `Start it: ${commandLine('start', name)}`,
    });
  }
  const { createKernel } = await import('../../kernel/index.ts');
  // What passes through untouched includes the separator.
  const [file = '', ...args] = words[0] === '--' ? words.slice(1) : words;
  const pin = namespacePin(directories, where === OUTSIDE ? undefined : where);
  const env = ownEnvironment();
  const child = createKernel().inNamespace(pin, () => spawn(file, args, { stdio: 'inherit', env }));
  process.exitCode = await outcomeOf(child);
}

export function register(program: Command): void {
  const verb = addVerb(
    program,
    'exec',
    "run a command of this host in a node's or the outside's network",
  )
    .argument('<where>', 'a node, or `outside` for the world around the nodes')
    .argument('<command...>', 'with its own options, untouched')
    .passThroughOptions()
    .action(exec);
  addExamples(verb, [
    'portolan exec node1 -- ip route                 # the routes of a node',
    'portolan exec node2 -- nft list ruleset         # its rules',
    'portolan exec outside -- curl -s http://172.18.0.2:32000',
  ]);
}
