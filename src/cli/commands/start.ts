import { InvalidArgumentError, Option, type Command } from 'commander';
import type { StartResult } from '../../cluster/index.ts';
import { addVerb, commandLine, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRoot } from '../clusters.ts';
import { print, printJson } from '../output.ts';
import { displaySteps } from '../steps.ts';

interface StartFlags extends CommonOptions {
  readonly nodes?: number;
  readonly images?: 'auto' | 'strict' | 'stand-in';
  readonly kubeconfig?: string;
  readonly output?: 'json';
}

function parseNodes(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 250) return count;
  throw new InvalidArgumentError('give a number from 1 to 250.');
}

function describe(result: StartResult): string {
  const { name, nodes, version, milliseconds, kubeconfig } = result;
  const count = `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`;
  if (!result.hasStarted) {
    return `cluster "${name}" is running already (${count}, Kubernetes ${version}); to look at it: ${commandLine('status', name)}`;
  }
  return [
    `cluster "${name}" is ready after ${(milliseconds / 1000).toFixed(2)} s: ${count}, Kubernetes ${version}`,
    `kubectl talks to it through context "${name}" in ${kubeconfig}; next, type:`,
    '',
    '  kubectl get nodes -o wide',
  ].join('\n');
}

export function register(program: Command): void {
  addVerb(program, 'start', 'make the cluster, or resume a stopped one')
    .option('--nodes <number>', 'how many nodes a new cluster gets (default: 3)', parseNodes)
    .addOption(
      new Option(
        '--images <policy>',
        'auto: imported, pulled, else a stand-in; strict: never a stand-in; stand-in: never pull',
      ).choices(['auto', 'strict', 'stand-in']),
    )
    .option('--kubeconfig <file>', "where to put the context (default: kubectl's own choice)")
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .action(async (flags: StartFlags) => {
      requireRoot('start');
      const { startCluster } = await import('../../cluster/index.ts');
      const display = displaySteps();
      try {
        const result = await startCluster(directoriesOf(flags.name), {
          ...(flags.nodes === undefined ? {} : { nodes: flags.nodes }),
          ...(flags.images === undefined ? {} : { images: flags.images }),
          ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
          onStep: display.onStep,
        });
        display.close();
        if (flags.output === 'json') printJson(result);
        else print(describe(result));
      } finally {
        display.close();
      }
    });
}
