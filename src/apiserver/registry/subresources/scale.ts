import {
  FieldPath,
  fieldInvalid,
  invalid,
  type AnyObject,
  type KindDefinition,
  type ScalePaths,
} from '../../../kube/index.ts';
import type { RegistryContext, Target } from '../context.ts';
import { getObject } from '../get.ts';
import { applyChecked } from '../patch.ts';
import { privateCopy } from '../private-copy.ts';
import { updateObject } from '../update.ts';
import type { Subresource, SubresourceRequest } from './subresource.ts';

const schema = 'io.k8s.api.autoscaling.v1.Scale';

function pathsOf(kind: KindDefinition): ScalePaths<AnyObject> {
  if (kind.scale === undefined) throw new TypeError(`${kind.plural} have no scale subresource`);
  return kind.scale;
}

/** The `autoscaling/v1 Scale` that stands for an object. */
function scaleOf(kind: KindDefinition, object: AnyObject): AnyObject {
  const paths = pathsOf(kind);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: paths.replicas(object) },
    status: { replicas: paths.statusReplicas(object), selector: paths.selector(object) },
  };
}

function wantedReplicas(scale: AnyObject, name: string): number {
  const replicas = (scale['spec'] as { replicas?: unknown } | undefined)?.replicas ?? 0;
  if (Number.isInteger(replicas) && Number(replicas) >= 0) return Number(replicas);
  const path = new FieldPath('spec').child('replicas');
  throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
    fieldInvalid(path, replicas, 'must be greater than or equal to 0'),
  ]);
}

/** Writes a wanted Scale into the object; its resourceVersion is the precondition. */
function withScale(target: Target, existing: AnyObject, scale: AnyObject): AnyObject {
  const next = privateCopy(existing);
  pathsOf(target.kind.definition).set(next, wantedReplicas(scale, target.name));
  next.metadata.resourceVersion = scale.metadata?.resourceVersion ?? '';
  return next;
}

async function change(
  context: RegistryContext,
  { target, call }: SubresourceRequest,
  wanted: (current: AnyObject) => AnyObject,
): Promise<AnyObject> {
  const { definition } = target.kind;
  const updated = await updateObject(context, {
    target,
    call,
    subresource: 'scale',
    next: (existing) => withScale(target, existing, wanted(scaleOf(definition, existing))),
  });
  return scaleOf(definition, updated);
}

export const scale: Subresource = {
  name: 'scale',
  body: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  verbs: ['get', 'patch', 'update'],
  get: async (context, { target }) =>
    scaleOf(target.kind.definition, await getObject(context, target)),
  update: (context, { object, ...request }) => change(context, request, () => object),
  patch: (context, { patch, ...request }) =>
    change(context, request, (current) => applyChecked(patch, current, schema)),
};
