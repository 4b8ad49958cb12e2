import type { Command } from 'commander';
import { addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord } from '../clusters.ts';
import { print } from '../output.ts';

export function register(program: Command): void {
  addVerb(program, 'kubeconfig', 'print a kubeconfig of this cluster alone').action(
    async ({ name }: CommonOptions) => {
      const { standaloneKubeconfig } = await import('../../cluster/index.ts');
      const directories = directoriesOf(name);
      requireRecord(directories);
      print(standaloneKubeconfig(directories));
    },
  );
}
