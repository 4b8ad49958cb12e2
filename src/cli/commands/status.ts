import { Option, type Command } from 'commander';
import type { DaemonStatus } from '../../cluster/index.ts';
import { addVerb, commandLine, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord } from '../clusters.ts';
import { formatTable, print, printJson } from '../output.ts';

interface StatusFlags extends CommonOptions {
  readonly output?: 'json';
}

function describe(status: DaemonStatus): string {
  const sections = [
    `cluster "${status.name}" is running: Kubernetes ${status.version}, API server ${status.apiServer}, daemon ${status.pid}`,
    `pods: ${status.pods.ready} of ${status.pods.total} ready; images: ${status.images}`,
    '',
    formatTable(
      ['NODE', 'READY', 'INTERNAL-IP', 'ON THIS HOST'],
      status.nodes.map((node) => [
        node.name,
        node.isReady ? 'yes' : 'no',
        node.internalIP,
        node.loopback,
      ]),
    ),
  ];
  if (status.ports.length > 0) {
    sections.push(
      '',
      formatTable(
        ['SERVICE', 'PROTOCOL', 'ON THIS HOST'],
        status.ports.map((port) => [port.service, port.protocol, `${port.address}:${port.port}`]),
      ),
    );
  }
  if (status.standIns.length > 0) {
    sections.push(
      '',
      formatTable(
        ['STAND-IN FOR', 'POD', 'CONTAINER'],
        status.standIns.map((one) => [one.image, `${one.namespace}/${one.pod}`, one.container]),
      ),
      'to run the real image: portolan image import NAME PATH, then delete the pod',
    );
  }
  for (const problem of status.problems) sections.push(`warning: ${problem}`);
  return sections.join('\n');
}

export function register(program: Command): void {
  addVerb(program, 'status', 'what runs: nodes, published ports, stand-ins')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .action(async (flags: StatusFlags) => {
      const { daemonStatus, findDaemon } = await import('../../cluster/index.ts');
      const directories = directoriesOf(flags.name);
      requireRecord(directories);
      if (findDaemon(directories) === undefined) {
        if (flags.output === 'json') printJson({ name: flags.name, state: 'stopped' });
        else
          print(
            `cluster "${flags.name}" is stopped; to resume it: ${commandLine('start', flags.name)}`,
          );
        process.exitCode = 3;
        return;
      }
      const status = await daemonStatus(directories);
      if (flags.output === 'json') printJson({ state: 'running', ...status });
      else print(describe(status));
    });
}
