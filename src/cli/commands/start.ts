import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  cniNames,
  commandLine,
  isCniName,
  parseAddons,
  startCluster,
  type StartResult,
} from '../../cluster/index.ts';
import { Fault } from '../../fault/index.ts';
import { addExamples, addVerb, type CommonOptions } from '../command.ts';
import { directoriesOf, requireRoot } from '../clusters.ts';
import { print, printJson } from '../output.ts';
import { displaySteps } from '../steps.ts';

interface StartFlags extends CommonOptions {
  readonly nodes?: number;
  readonly images?: 'auto' | 'strict' | 'stand-in';
  readonly serviceBalancing?: 'random' | 'round-robin';
  readonly cni?: string;
  readonly addons?: ReturnType<typeof parseAddons>;
  readonly ingressEngine?: 'node' | 'haproxy' | 'auto';
  readonly kubeconfig?: string;
  readonly output?: 'json';
}

/** A node's loopback address and its /24 have one byte for its number. */
const MOST_NODES = 250;

function parseNodes(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST_NODES) return count;
  throw new InvalidArgumentError(`Give a number from 1 to ${MOST_NODES}.`);
}

function parseCni(text: string): string {
  if (isCniName(text)) return text;
  throw new InvalidArgumentError(`Choose one of ${cniNames.join(', ')}, or name a .conflist file.`);
}

function readAddons(text: string): ReturnType<typeof parseAddons> {
  try {
    return parseAddons(text);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new InvalidArgumentError(`${error.message}\n  ${error.advice ?? ''}`);
  }
}

/** For those whose own kubectl does not read root's kubeconfig. */
function sudoHint(env: NodeJS.ProcessEnv, name: string): string[] {
  if (env['SUDO_USER'] === undefined || env['KUBECONFIG'] !== undefined) return [];
  return [
    '',
    `as ${env['SUDO_USER']}, whose kubectl reads another file:`,
    '',
    `  sudo ${commandLine('kubeconfig', name)} > portolan.yaml && export KUBECONFIG=$PWD/portolan.yaml`,
  ];
}

function describe(result: StartResult): string {
  const { name, nodes, version, milliseconds, kubeconfig, cniNote } = result;
  const count = `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`;
  if (!result.hasStarted) {
    return `cluster "${name}" is running already (${count}, Kubernetes ${version}); to look at it: ${commandLine('status', name)}`;
  }
  return [
    `cluster "${name}" is ready after ${(milliseconds / 1000).toFixed(2)} s: ${count}, Kubernetes ${version}`,
    ...(cniNote === undefined ? [] : [cniNote]),
    `kubectl talks to it through context "${name}" in ${kubeconfig}; next, type:`,
    '',
    '  kubectl get nodes -o wide',
    ...sudoHint(process.env, name),
  ].join('\n');
}

async function start(flags: StartFlags): Promise<void> {
  requireRoot('start');
  const {
    nodes,
    images,
    serviceBalancing: balancing,
    cni,
    addons,
    ingressEngine,
    kubeconfig,
  } = flags;
  const display = displaySteps();
  try {
    const result = await startCluster(directoriesOf(flags.name), {
      ...(nodes === undefined ? {} : { nodes }),
      ...(images === undefined ? {} : { images }),
      ...(balancing === undefined ? {} : { balancing }),
      ...(cni === undefined ? {} : { cni }),
      ...(addons === undefined ? {} : { addons }),
      ...(ingressEngine === undefined ? {} : { ingressEngine }),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      onStep: display.onStep,
    });
    display.close();
    if (flags.output === 'json') printJson(result);
    else print(describe(result));
  } finally {
    display.close();
  }
}

export function register(program: Command): void {
  const verb = addVerb(program, 'start', 'make the cluster, or resume a stopped one')
    .option('--nodes <number>', 'how many nodes a new cluster gets (default: 3)', parseNodes)
    .addOption(
      new Option(
        '--images <policy>',
        'auto (default): imported, pulled, else a stand-in; strict: never a stand-in; stand-in: never pull',
      ).choices(['auto', 'strict', 'stand-in']),
    )
    .addOption(
      new Option(
        '--service-balancing <way>',
        'how Services choose among endpoints: random (default), as Kubernetes does; round-robin',
      ).choices(['random', 'round-robin']),
    )
    .addOption(
      new Option(
        '--cni <network>',
        "portolan (default); bridge: without policies; none: yours to bring; a .conflist file; others' names: what has the same effect",
      )
        .choices(cniNames)
        .argParser(parseCni),
    )
    .option(
      '--addons <names>',
      'what it has besides: default (ingress), names, or none',
      readAddons,
    )
    .addOption(
      new Option(
        '--ingress-engine <engine>',
        'what answers for Ingresses: node (default), built in; haproxy, of this machine; auto: haproxy where there is one',
      ).choices(['node', 'haproxy', 'auto']),
    )
    .option('--kubeconfig <file>', "where to put the context (default: kubectl's own choice)")
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .action(start);
  addExamples(verb, [
    'portolan start                                  # three nodes',
    'portolan start --name shop --nodes 1            # another cluster beside it',
    'portolan start --images strict                  # images as Kubernetes has them',
    'portolan start --cni bridge                     # a network that does not enforce policies',
  ]);
}
