import type { CommanderError } from 'commander';
import { programName } from '../cluster/index.ts';

/** What is on this machine, for words that no program text knows. */
export interface HintWorld {
  readonly clusters: () => readonly string[];
}

/** Verbs that only kubectl has. */
const kubectlVerbs: readonly string[] = [
  'annotate',
  'api-resources',
  'apply',
  'attach',
  'config',
  'cp',
  'create',
  'debug',
  'describe',
  'edit',
  'events',
  'expose',
  'get',
  'label',
  'patch',
  'port-forward',
  'replace',
  'rollout',
  'run',
  'scale',
  'top',
  'wait',
];

/** Verbs of minikube, and what does here what they do there. */
const minikubeVerbs: Readonly<Record<string, string>> = {
  kubectl: 'type kubectl itself: it has the context of the cluster',
  node: 'nodes are there from the start: start --nodes 5; see them with kubectl get nodes',
  profile: 'clusters have names: list, start --name NAME',
  ssh: 'exec node1 -- COMMAND runs a command of yours in the network of a node',
  tunnel: 'no tunnel is needed: status shows where load balancers are on this machine',
};

/** The name of a cluster where the program takes a flag: as with `k3d cluster delete NAME`. */
function nameHint(words: readonly string[], { clusters }: HintWorld): string | undefined {
  const [verb = '', ...rest] = words;
  const name = rest.find((word) => clusters().includes(word));
  if (name === undefined) return undefined;
  const others = rest.filter((word) => word !== name);
  return `(Did you mean ${[programName(), verb, '--name', name, ...others].join(' ')}?)`;
}

/** What somebody may have meant whose words the program did not take; undefined when nothing comes to mind. */
export function hintFor(
  { code }: Pick<CommanderError, 'code'>,
  words: readonly string[],
  world: HintWorld,
): string | undefined {
  const [first = ''] = words;
  if (code === 'commander.excessArguments') return nameHint(words, world);
  if (code === 'commander.unknownCommand' && kubectlVerbs.includes(first)) {
    return `(${first} is a verb of kubectl: kubectl ${words.join(' ')})`;
  }
  if (code === 'commander.unknownCommand' && Object.hasOwn(minikubeVerbs, first)) {
    return `(${minikubeVerbs[first]})`;
  }
  if (code === 'commander.unknownOption' && /^--name(=|$)/.test(first)) {
    return `(--name comes behind the verb: ${programName()} VERB --name NAME)`;
  }
  return undefined;
}
