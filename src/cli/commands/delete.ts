import type { Command } from 'commander';
import { deleteCluster } from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addVerb, type CommonOptions } from '../command.ts';
import { clusterNames, directoriesOf, requireRoot } from '../clusters.ts';
import { print, printFailure, printNotes } from '../output.ts';

interface DeleteFlags extends CommonOptions {
  readonly all?: boolean;
}

async function deleteOne(name: string): Promise<void> {
  const existed = await deleteCluster(directoriesOf(name));
  print(existed ? `cluster "${name}" is deleted` : `there was no cluster "${name}"`);
  const others = clusterNames();
  if (!existed && others.length > 0) printNotes([`there are: ${others.join(', ')}`]);
}

/** One that cannot be deleted does not keep the others. */
async function deleteAll(): Promise<void> {
  const names = clusterNames();
  if (names.length === 0) print('there is no cluster');
  const failed: string[] = [];
  for (const name of names) {
    try {
      await deleteOne(name);
    } catch (error) {
      printFailure(error);
      failed.push(name);
    }
  }
  if (failed.length === 0) return;
  throw new Fault({
    code: 'NOT_ALL_DELETED',
    message: `not deleted: ${failed.join(', ')}`,
    advice: 'Do what is said above, then type it again.',
  });
}

export function register(program: Command): void {
  addVerb(program, 'delete', 'remove the cluster and every trace of it')
    .option('--all', 'remove every cluster of this user')
    .action(async (flags: DeleteFlags) => {
      requireRoot('delete');
      await (flags.all === true ? deleteAll() : deleteOne(flags.name));
    });
}
