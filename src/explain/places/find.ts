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
import { sceneOf, type Known } from '../known.ts';
import type { Scene } from '../scene.ts';
import { noSuchNamespace, noSuchObject, type Wanted } from './missing.ts';

/** @throws Fault `NO_SUCH_OBJECT` with the nearest names */
export function requireIn<T extends KubeObject>(
  scene: Scene,
  map: ReadonlyMap<string, T>,
  wanted: Wanted,
): T {
  const { namespace, name } = wanted;
  const found = map.get(namespace === '' ? name : `${namespace}/${name}`);
  if (found === undefined)
    throw noSuchObject(wanted, [...map.keys()], [...scene.snapshot.namespaces.keys()]);
  return found;
}

/** @throws Fault `NO_SUCH_NAMESPACE` with the nearest names */
export function requireNamespace(known: Known, name: string): void {
  const { namespaces } = sceneOf(known).snapshot;
  if (!namespaces.has(name)) throw noSuchNamespace(name, [...namespaces.keys()]);
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
  const workload = requireIn(scene, ofKind, wanted);
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
