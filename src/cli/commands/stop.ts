import type { Command } from 'commander';
import { commandLine, stopCluster } from '../../cluster/index.ts';
import { addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord, requireRoot } from '../clusters.ts';
import { print } from '../output.ts';

export function register(program: Command): void {
  addVerb(program, 'stop', 'end the pods and the daemon; the next start resumes them').action(
    async ({ name }: CommonOptions) => {
      requireRoot('stop');
      const directories = directoriesOf(name);
      requireRecord(directories);
      const wasRunning = await stopCluster(directories);
      const resume = `to resume it: ${commandLine('start', name)}`;
      print(`cluster "${name}" ${wasRunning ? 'is stopped' : 'was not running'}; ${resume}`);
    },
  );
}
