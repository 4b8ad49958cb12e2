import { Option, type Command } from 'commander';
import { commandLine, daemonStatus, type DaemonStatus } from '../../cluster/index.ts';
import { addExamples, addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRecord, stateOf } from '../clusters.ts';
import { exitCode } from '../exit-code.ts';
import { formatTable, print, printJson } from '../output.ts';

interface StatusFlags extends CommonOptions {
  readonly output?: 'json';
}

function describe(status: DaemonStatus): string {
  const sections = [
    `cluster "${status.name}" is running: Kubernetes ${status.version}, API server ${status.apiServer}, daemon ${status.pid}`,
    `pods: ${status.pods.ready} of ${status.pods.total} ready; images: ${status.images}; network: ${status.cni.name}`,
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

function absentText(name: string, state: 'stopped' | 'dead'): string {
  const start = commandLine('start', name);
  if (state === 'stopped') return `cluster "${name}" is stopped; to resume it: ${start}`;
  const logs = commandLine('logs', name);
  return `the daemon of cluster "${name}" has died, its pods go on; why: ${logs}; to take them over: ${start}`;
}

async function showStatus({ name, output }: StatusFlags): Promise<void> {
  const directories = directoriesOf(name);
  const state = stateOf(directories, requireRecord(directories));
  if (state !== 'running') {
    if (output === 'json') printJson({ state, name });
    else print(absentText(name, state));
    process.exitCode = exitCode.notRunning;
    return;
  }
  const status = await daemonStatus(directories);
  if (output === 'json') printJson({ state, ...status });
  else print(describe(status));
}

export function register(program: Command): void {
  const verb = addVerb(program, 'status', 'what runs: nodes, published ports, stand-ins')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .action(showStatus);
  addExamples(verb, [
    'portolan status                                 # exit code 3 when the cluster does not run',
    "portolan status -o json | jq -r '.nodes[].loopback'",
  ]);
}
