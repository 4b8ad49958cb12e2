import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, nodeOrdinal, requireRecord, requireRoot } from '../clusters.ts';

/** The outside world's name on the command line. */
const OUTSIDE = 'outside';

export function register(program: Command): void {
  addVerb(
    program,
    'exec <where> <command...>',
    "run a command of this host in a node's network, or in the `outside` world's",
  ).action(async (where: string, command: string[], { name }: CommonOptions) => {
    requireRoot('exec');
    const { createKernel } = await import('../../kernel/index.ts');
    const { namespacePin } = await import('../../cluster/index.ts');
    const directories = directoriesOf(name);
    const record = requireRecord(directories);
    if (where !== OUTSIDE) nodeOrdinal(record, where);
    const [file = '', ...args] = command;
    const pin = namespacePin(directories, where === OUTSIDE ? undefined : where);
    const child = createKernel().inNamespace(pin, () => spawn(file, args, { stdio: 'inherit' }));
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
    });
  });
}
