import type { Container, Pod, Volume } from '../../kube/index.ts';

/** What pods take their configuration from. */
export type SourceKind = 'ConfigMap' | 'Secret';

function volumeUses(volume: Volume, kind: SourceKind, name: string): boolean {
  const sources = volume.projected?.sources ?? [];
  if (kind === 'ConfigMap') {
    return (
      volume.configMap?.name === name || sources.some(({ configMap }) => configMap?.name === name)
    );
  }
  return volume.secret?.secretName === name || sources.some(({ secret }) => secret?.name === name);
}

/** True when a volume of the pod shows the ConfigMap or Secret: its files must follow it. */
export function volumesUse(pod: Pod, kind: SourceKind, name: string): boolean {
  return (pod.spec.volumes ?? []).some((volume) => volumeUses(volume, kind, name));
}

function containerUses(
  { env = [], envFrom = [] }: Container,
  kind: SourceKind,
  name: string,
): boolean {
  if (kind === 'ConfigMap') {
    return (
      envFrom.some(({ configMapRef }) => configMapRef?.name === name) ||
      env.some(({ valueFrom }) => valueFrom?.configMapKeyRef?.name === name)
    );
  }
  return (
    envFrom.some(({ secretRef }) => secretRef?.name === name) ||
    env.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name === name)
  );
}

/** True when an environment of the pod names the ConfigMap or Secret: a container may have waited for it. */
export function environmentUses(pod: Pod, kind: SourceKind, name: string): boolean {
  const { initContainers = [], containers } = pod.spec;
  return [...initContainers, ...containers].some((container) =>
    containerUses(container, kind, name),
  );
}
