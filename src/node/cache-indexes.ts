import type { Informer } from '../client/index.ts';
import type { Pod, Service } from '../kube/index.ts';
import { indexSelectors } from './pod/selects.ts';

/** The index of pods by the node they are on. */
export const NODE_INDEX = 'spec.nodeName';

/** Makes the indexes that agents ask. Once for the caches that all agents of a process share. */
export function indexCaches(caches: {
  readonly pods: Pick<Informer<Pod>, 'indexBy'>;
  readonly services: Pick<Informer<Service>, 'indexBy'>;
}): void {
  caches.pods.indexBy(NODE_INDEX, ({ spec }) =>
    spec.nodeName === undefined ? [] : [spec.nodeName],
  );
  indexSelectors(caches.services);
}
