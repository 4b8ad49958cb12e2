import {
  conflict,
  FieldPath,
  fieldNotSupported,
  fieldRequired,
  invalid,
  withCondition,
  type AnyObject,
  type Condition,
} from '../../../kube/index.ts';
import type { RegistryContext } from '../context.ts';
import { privateCopy } from '../private-copy.ts';
import { updateObject } from '../update.ts';
import { success, type Subresource, type SubresourceRequest } from './subresource.ts';

interface BindingTarget {
  readonly kind?: string;
  readonly name?: string;
}

interface Pod extends AnyObject {
  spec: { nodeName?: string };
  status?: { conditions?: Condition[] };
}

function nodeOf(binding: AnyObject, name: string): string {
  const target = (binding['target'] ?? {}) as BindingTarget;
  const path = new FieldPath('target');
  const kindErrors =
    target.kind !== undefined && target.kind !== '' && target.kind !== 'Node'
      ? [fieldNotSupported(path.child('kind'), target.kind, ['Node', '<empty>'])]
      : [];
  const nameErrors = (target.name ?? '') === '' ? [fieldRequired(path.child('name'))] : [];
  const errors = [...kindErrors, ...nameErrors];
  if (errors.length > 0) throw invalid({ group: '', kind: 'Binding' }, name, errors);
  return target.name ?? '';
}

const bindings = { group: '', plural: 'pods/binding' };

function assertUnbound(pod: Pod): void {
  const { name, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) {
    throw conflict(bindings, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  const { nodeName = '' } = pod.spec;
  if (nodeName !== '') {
    throw conflict(bindings, name, `pod ${name} is already assigned to node "${nodeName}"`);
  }
}

function bound(context: RegistryContext, pod: Pod, binding: AnyObject, node: string): Pod {
  assertUnbound(pod);
  const next = privateCopy(pod);
  next.spec.nodeName = node;
  next.metadata.annotations = { ...next.metadata.annotations, ...binding.metadata?.annotations };
  const scheduled = { type: 'PodScheduled', status: 'True' } as const;
  const conditions = withCondition(next.status?.conditions, scheduled, context.clock);
  next.status = { ...next.status, conditions };
  return next;
}

async function bind(
  context: RegistryContext,
  { target, call, object }: SubresourceRequest & { readonly object: AnyObject },
): Promise<AnyObject> {
  const node = nodeOf(object, target.name);
  await updateObject(context, {
    target,
    call,
    subresource: 'binding',
    isTrusted: true,
    next: (existing) => bound(context, existing as Pod, object, node),
  });
  return success();
}

/** Assigns a pod to a node, once. */
export const binding: Subresource = {
  name: 'binding',
  body: { group: '', version: 'v1', kind: 'Binding' },
  verbs: ['create'],
  create: bind,
};
