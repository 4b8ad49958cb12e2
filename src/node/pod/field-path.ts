import type { Container, Pod } from '../../kube/index.ts';

/** `spec.containers{nginx}`: which container an event speaks of. */
export function fieldPath(pod: Pod, container: Container): string {
  const list = pod.spec.containers.some(({ name }) => name === container.name)
    ? 'containers'
    : 'initContainers';
  return `spec.${list}{${container.name}}`;
}
