import type { Command } from 'commander';
import { addVerb, commandLine, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord, requireRoot } from '../clusters.ts';
import { print } from '../output.ts';

export function register(program: Command): void {
  addVerb(program, 'stop', 'end the pods and the daemon; the next start resumes them').action(
    async ({ name }: CommonOptions) => {
      requireRoot('stop');
      const { stopCluster } = await import('../../cluster/index.ts');
      const directories = directoriesOf(name);
      requireRecord(directories);
      const wasRunning = await stopCluster(directories);
      print(
        wasRunning
          ? `cluster "${name}" is stopped; to resume it: ${commandLine('start', name)}`
          : `cluster "${name}" was not running`,
      );
    },
  );
}
