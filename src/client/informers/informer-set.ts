import { qualifiedName, type AnyObject, type KubeObject, type Resource } from '../../kube/index.ts';
import type { Client } from '../client.ts';
import type { Informer } from '../informer.ts';
import { createInformer, type InformerOptions } from './create-informer.ts';

/** Informers of whole resources, made on first use and shared by everything in a process. */
export interface InformerSet {
  of<T extends KubeObject>(resource: Resource<T>): Informer<T>;
  close(): void;
}

export function createInformerSet(
  client: Client,
  options: Pick<InformerOptions, 'clock' | 'onError'>,
): InformerSet {
  const informers = new Map<string, Informer<AnyObject>>();
  return {
    of<T extends KubeObject>(resource: Resource<T>): Informer<T> {
      const name = qualifiedName(resource);
      const existing = informers.get(name);
      if (existing !== undefined) return existing as unknown as Informer<T>;
      const made = createInformer(client, resource, options);
      informers.set(name, made as unknown as Informer<AnyObject>);
      return made;
    },
    close() {
      for (const informer of informers.values()) informer.close();
    },
  };
}
