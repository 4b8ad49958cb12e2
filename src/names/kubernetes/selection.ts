import { parseSelector, type Service } from '../../kube/index.ts';
import type { KubernetesSettings } from '../config.ts';
import type { NameReason, NameWorld } from '../contract.ts';

/** Which namespaces and Services have names, compiled from the settings. */
export interface Selection {
  readonly settings: KubernetesSettings;
  /** Why a namespace has no names, or `undefined` when it has. */
  refusesNamespace(name: string, world: NameWorld): NameReason | undefined;
  hasNames(service: Service): boolean;
}

/** Compiles the settings. @throws ApiError for a selector that is none; the Corefile's reader has tried it. */
export function selectionOf(settings: KubernetesSettings): Selection {
  const only = new Set(settings.namespaces);
  const { namespaceLabels, labels } = settings;
  const ofNamespaces = namespaceLabels === undefined ? undefined : parseSelector(namespaceLabels);
  const ofServices = labels === undefined ? undefined : parseSelector(labels);
  return {
    settings,
    refusesNamespace(name, { snapshot }) {
      const namespace = snapshot.namespaces.get(name);
      if (namespace === undefined) return 'NO_SUCH_NAMESPACE';
      if (only.size > 0 && !only.has(name)) return 'NAMESPACE_NOT_SERVED';
      if (ofNamespaces?.matches(namespace.metadata.labels) === false) return 'NAMESPACE_NOT_SERVED';
      return undefined;
    },
    hasNames: ({ metadata }) => ofServices?.matches(metadata.labels) !== false,
  };
}
