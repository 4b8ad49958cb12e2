import type { InformerSet } from '../client/index.ts';
import { Fault } from '../fault/index.ts';
import {
  conditionOf,
  isConditionTrue,
  nodeKind,
  serviceAccountKind,
  serviceKind,
  endpointSliceKind,
} from '../kube/index.ts';
import { commandLine } from './command-line.ts';

/** How long a start waits at most for the cluster's own objects. */
const LIMIT_MS = 30_000;

/** Which nodes are not, and what the first of them says. */
function nodesNotReady(informers: InformerSet, names: readonly string[]): string {
  const conditions = informers.of(nodeKind).get(names[0] ?? '')?.status?.conditions;
  const why = conditionOf(conditions, 'Ready')?.message ?? '';
  return `nodes that are not Ready: ${names.join(', ')}${why === '' ? '' : `: ${why}`}`;
}

/** What must be there before people may type commands: each returns what is missing, or undefined. */
function missing(informers: InformerSet, nodes: readonly string[]): string | undefined {
  const notReady = nodes.filter(
    (name) => !isConditionTrue(informers.of(nodeKind).get(name)?.status?.conditions, 'Ready'),
  );
  if (notReady.length > 0) return nodesNotReady(informers, notReady);
  if (informers.of(serviceKind).get('default/kubernetes') === undefined) {
    return 'service default/kubernetes is not there';
  }
  if (informers.of(endpointSliceKind).get('default/kubernetes') === undefined) {
    return 'service default/kubernetes has no endpoints';
  }
  if (informers.of(serviceAccountKind).get('default/default') === undefined) {
    return 'service account default/default is not there';
  }
  return undefined;
}

/**
 * Resolves when the own objects of the cluster of this name are there.
 * @throws Fault `CLUSTER_NOT_READY` that says what is missing
 */
export async function untilReady(
  informers: InformerSet,
  nodes: readonly string[],
  name: string,
): Promise<void> {
  const resources = [nodeKind, serviceKind, endpointSliceKind, serviceAccountKind];
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      if (missing(informers, nodes) !== undefined) return;
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      reject(
        new Fault({
          code: 'CLUSTER_NOT_READY',
          message: `the cluster did not become ready: ${missing(informers, nodes) ?? ''}`,
          advice: `Read what the daemon says: ${commandLine('logs', name)}`,
        }),
      );
    }, LIMIT_MS);
    for (const resource of resources) informers.of<never>(resource as never).onChange(look);
    look();
  });
}
