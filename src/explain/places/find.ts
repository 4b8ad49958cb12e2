import { Fault } from '../../fault/index.ts';
import {
  compileMapSelector,
  isPodTerminal,
  type AnyObject,
  type KubeObject,
  type Pod,
  type Service,
} from '../../kube/index.ts';
import { belongsTo } from '../../snapshot/index.ts';
import { alternatives, nearest } from '../nearest.ts';
import type { Scene } from '../scene.ts';

interface Wanted {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What else could have been meant: the same name elsewhere, or one like it here. */
function adviceFor({ kind, namespace, name }: Wanted, known: Iterable<string>): string {
  const keys = [...known];
  const elsewhere = keys
    .filter((key) => key.endsWith(`/${name}`))
    .map((key) => key.slice(0, -name.length - 1));
  if (elsewhere.length > 0) {
    return `There is one in namespace ${alternatives(elsewhere)}: add -n ${elsewhere[0]}.`;
  }
  const here = keys
    .filter((key) => key.startsWith(`${namespace}/`))
    .map((key) => key.slice(namespace.length + 1));
  const near = nearest(name, here);
  if (near.length > 0) return `Did you mean ${alternatives(near)}?`;
  const list = here.slice(0, 8).join(', ');
  return here.length === 0
    ? `Namespace ${namespace} has no ${kind}.`
    : `Namespace ${namespace} has: ${list}${here.length > 8 ? ', ...' : ''}.`;
}

function notFound(wanted: Wanted, known: Iterable<string>): Fault {
  const { kind, namespace, name } = wanted;
  const where = namespace === '' ? '' : ` in namespace ${namespace}`;
  return new Fault({
    code: 'NO_SUCH_OBJECT',
    message: `there is no ${kind} ${name}${where}`,
    advice:
      namespace === ''
        ? `There are: ${[...known].join(', ') || 'none'}.`
        : adviceFor(wanted, known),
  });
}

/** @throws Fault `NO_SUCH_OBJECT` with the nearest names */
export function requireIn<T extends KubeObject>(map: ReadonlyMap<string, T>, wanted: Wanted): T {
  const { namespace, name } = wanted;
  const found = map.get(namespace === '' ? name : `${namespace}/${name}`);
  if (found === undefined) throw notFound(wanted, map.keys());
  return found;
}

/** The pods that a Service selects and that have not ended. */
export function selectedPods({ snapshot }: Scene, service: Service): Pod[] {
  const selector = compileMapSelector(service.spec.selector);
  return [...snapshot.pods.values()].filter(
    (pod) =>
      pod.metadata.namespace === service.metadata.namespace &&
      !isPodTerminal(pod) &&
      selector.matches(pod.metadata.labels),
  );
}

/** The pods of a Deployment and its like. @throws Fault `NO_SUCH_OBJECT` when there is no such workload */
export function podsOfWorkload(scene: Scene, wanted: Wanted): Pod[] {
  const { workloads, pods } = scene.snapshot;
  const prefix = `${wanted.kind}/`;
  const ofKind = new Map(
    [...workloads]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, object]): [string, AnyObject] => [key.slice(prefix.length), object]),
  );
  const workload = requireIn(ofKind, wanted);
  return [...pods.values()].filter((pod) => !isPodTerminal(pod) && belongsTo(pod, workload));
}

/** @throws Fault `NO_PODS`: who has no pods neither sends nor receives. */
export function requirePods(
  pods: readonly Pod[],
  { kind, namespace, name }: Wanted,
): readonly Pod[] {
  if (pods.length > 0) return pods;
  throw new Fault({
    code: 'NO_PODS',
    message: `${kind} ${namespace}/${name} has no pods`,
    advice:
      kind === 'Service'
        ? 'Its selector matches none: see the labels with kubectl get pods --show-labels.'
        : 'Give it replicas, or see kubectl describe for why it makes none.',
  });
}
