import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Container,
  type Node,
  type Pod,
  type Quantity,
} from '../../kube/index.ts';

/** A node that a pod may be put on, with the pods that it has or is about to get. */
export interface Candidate {
  readonly node: Node;
  readonly pods: readonly Pod[];
}

const ZERO: Quantity = { nano: 0n, format: 'DecimalSI' };

function requestOf(container: Container, resource: string): Quantity {
  const text = container.resources?.requests?.[resource];
  return text === undefined ? ZERO : parseQuantity(text);
}

function larger(one: Quantity, two: Quantity): Quantity {
  return compareQuantities(one, two) >= 0 ? one : two;
}

/** What a pod asks of a node: the sum of its containers, or its largest init container when that is more. */
export function podRequest(pod: Pod, resource: string): Quantity {
  const inits = pod.spec.initContainers ?? [];
  const sidecars = inits.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const lasting = [...pod.spec.containers, ...sidecars].reduce(
    (total, container) => addQuantities(total, requestOf(container, resource)),
    ZERO,
  );
  return inits
    .filter(({ restartPolicy }) => restartPolicy !== 'Always')
    .reduce((most, container) => larger(most, requestOf(container, resource)), lasting);
}

/** Names of all resources that a pod asks for. */
export function requestedResources(pod: Pod): string[] {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  return [...new Set(all.flatMap(({ resources }) => Object.keys(resources?.requests ?? {})))];
}

/** What the node's pods already ask for. */
export function usedOf(candidate: Candidate, resource: string): Quantity {
  return candidate.pods.reduce(
    (total, pod) => addQuantities(total, podRequest(pod, resource)),
    ZERO,
  );
}
