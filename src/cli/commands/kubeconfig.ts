import type { Command } from 'commander';
import { standaloneKubeconfig } from '../../cluster/index.ts';
import { addExamples, addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, notRunningNotes, requireRecord } from '../clusters.ts';
import { print, printNotes } from '../output.ts';

export function register(program: Command): void {
  const verb = addVerb(program, 'kubeconfig', 'print a kubeconfig of this cluster alone').action(
    async ({ name }: CommonOptions) => {
      const directories = directoriesOf(name);
      const record = requireRecord(directories);
      print(await standaloneKubeconfig(directories));
      printNotes(notRunningNotes(directories, record));
    },
  );
  addExamples(verb, ['portolan kubeconfig > shop.yaml && kubectl --kubeconfig shop.yaml get pods']);
}
