import { keyOf, type AnyObject, type KubeObject } from '../../kube/index.ts';
import type { RouteWorld } from '../../routes/index.ts';
import { definitionOf } from '../../snapshot/index.ts';
import type { Known } from '../known.ts';
import type { Scene } from '../scene.ts';

/** As an API server would hold it: in its namespace, with defaults. */
function completed(object: AnyObject, namespace: string): AnyObject {
  if (object.metadata.uid !== undefined) return object;
  const copy = structuredClone(object);
  const definition = definitionOf(object);
  if (definition?.namespaced === true) copy.metadata.namespace ??= namespace;
  definition?.defaults?.(copy);
  return copy;
}

/** What routes are made of, of the objects that a story is told of. */
export function routeWorldOf({ objects, namespace }: Known, { snapshot }: Scene): RouteWorld {
  const ofKind = <T extends KubeObject>(kind: string): Map<string, T> => {
    const found = objects.filter((object) => object.kind === kind);
    const complete = found.map((object) => completed(object, namespace) as unknown as T);
    return new Map(complete.map((object) => [keyOf(object), object]));
  };
  return {
    ingresses: ofKind('Ingress'),
    classes: ofKind('IngressClass'),
    secrets: ofKind('Secret'),
    configMaps: ofKind('ConfigMap'),
    services: snapshot.services,
    slices: snapshot.slices,
  };
}
