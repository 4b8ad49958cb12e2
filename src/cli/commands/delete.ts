import type { Command } from 'commander';
import { addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRoot } from '../clusters.ts';
import { print } from '../output.ts';

interface DeleteFlags extends CommonOptions {
  readonly all?: boolean;
}

export function register(program: Command): void {
  addVerb(program, 'delete', 'remove the cluster and every trace of it')
    .option('--all', 'remove every cluster of this user')
    .action(async (flags: DeleteFlags) => {
      requireRoot('delete');
      const { deleteCluster, findDirectories, listNames } = await import('../../cluster/index.ts');
      const names = flags.all === true ? listNames(findDirectories(process.env)) : [flags.name];
      if (names.length === 0) print('there is no cluster');
      for (const name of names) {
        const existed = await deleteCluster(directoriesOf(name));
        print(existed ? `cluster "${name}" is deleted` : `there was no cluster "${name}"`);
      }
    });
}
