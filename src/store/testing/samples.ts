import type { KubeObject } from '../../kube/index.ts';
import type { Store, StoreEvent } from '../store.ts';

/** A small object for tests; `data` tells its versions apart. */
export function sample(name: string, data = ''): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', annotations: { data } },
  };
}

/** The annotation that {@link sample} made. */
export function dataOf(object: KubeObject | undefined): string | undefined {
  return object?.metadata.annotations?.['data'];
}

/** The version to pass as `expected`. */
export function versionOf(object: KubeObject | undefined): string {
  return object?.metadata.resourceVersion ?? 'none';
}

export const prefix = '/core/configmaps/';

export function keyOf(name: string, namespace = 'default'): string {
  return `${prefix}${namespace}/${name}`;
}

/** Collects a watch's events; `waitFor` resolves when so many are there. */
export function collect(store: Store, options: { prefix: string; after: number }) {
  const events: StoreEvent[] = [];
  const ends: (Error | undefined)[] = [];
  const changed: (() => void)[] = [];
  const wake = () => {
    for (const resolve of changed.splice(0)) resolve();
  };
  const watch = store.watch(options, {
    onEvent(event) {
      events.push(event);
      wake();
    },
    onEnd(reason) {
      ends.push(reason);
      wake();
    },
  });
  async function until(condition: () => boolean): Promise<void> {
    while (!condition())
      await new Promise<void>((resolve) => {
        changed.push(resolve);
      });
  }
  return {
    events,
    ends,
    watch,
    waitFor: (count: number) => until(() => events.length >= count),
    waitForEnd: () => until(() => ends.length > 0),
  };
}
