import type { Pod, Volume } from '../../kube/index.ts';

function volumeUses(volume: Volume, kind: 'ConfigMap' | 'Secret', name: string): boolean {
  const sources = volume.projected?.sources ?? [];
  if (kind === 'ConfigMap') {
    return (
      volume.configMap?.name === name || sources.some(({ configMap }) => configMap?.name === name)
    );
  }
  return volume.secret?.secretName === name || sources.some(({ secret }) => secret?.name === name);
}

/** True when a volume of the pod shows the ConfigMap or Secret: its files must follow it. */
export function podUses(pod: Pod, kind: 'ConfigMap' | 'Secret', name: string): boolean {
  return (pod.spec.volumes ?? []).some((volume) => volumeUses(volume, kind, name));
}
