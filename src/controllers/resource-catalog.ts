import {
  customKinds,
  customResourceDefinitionKind,
  kinds,
  qualifiedName,
  type Resource,
} from '../kube/index.ts';
import type { SharedInformers } from './controller.ts';

/** The resources that the API serves now, each in one version; custom ones come and go. */
export interface ResourceCatalog {
  /** Resolves when the custom resources are known too. */
  readonly synced: Promise<void>;
  list(): readonly Resource[];
  /** Calls `listener` whenever the list may have changed. */
  onChange(listener: () => void): void;
}

/** Keeps the first of several versions of a resource: they are views of the same objects. */
function oncePerResource(resources: readonly Resource[]): readonly Resource[] {
  const found = new Map<string, Resource>();
  for (const resource of resources) {
    const name = qualifiedName(resource);
    if (!found.has(name)) found.set(name, resource);
  }
  return [...found.values()];
}

/** Knows the built-in kinds, and the custom ones from their definitions. */
export function createResourceCatalog(informers: SharedInformers): ResourceCatalog {
  const definitions = informers.of(customResourceDefinitionKind);
  const listeners: (() => void)[] = [];
  let current: readonly Resource[] | undefined;
  definitions.onChange(() => {
    current = undefined;
    for (const listener of listeners) listener();
  });
  return {
    synced: definitions.synced,
    list() {
      current ??= oncePerResource([...kinds, ...definitions.list().flatMap(customKinds)]);
      return current;
    },
    onChange: (listener) => listeners.push(listener),
  };
}
