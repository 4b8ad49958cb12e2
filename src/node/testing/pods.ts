import type { Container, ContainerStatus, Pod } from '../../kube/index.ts';

/** A busybox container that runs a script. */
export function shell(script: string, changes: Partial<Container> = {}): Container {
  return { name: 'main', image: 'busybox', command: ['sh', '-c', script], ...changes };
}

/** A busybox container that does not hear SIGTERM. */
export const deaf = shell('trap "" TERM; while :; do sleep 1; done');

/** The status of one of a pod's main containers. */
export function statusOf(pod: Pod, name = 'main'): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find((entry) => entry.name === name);
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}
