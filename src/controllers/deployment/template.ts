import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { PodTemplateSpec } from '../../kube/index.ts';
import { safeEncode } from '../random-suffix.ts';

/** The label that tells the pods of one ReplicaSet of a Deployment from those of another. */
export const TEMPLATE_HASH = 'pod-template-hash';

/** JSON with sorted keys: the same for templates that differ only in the order of their fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** The hash of a template in the look of Kubernetes' own; `collisions` makes another one when it is taken. */
export function templateHash(template: PodTemplateSpec, collisions: number): string {
  const digest = createHash('sha256')
    .update(canonical(template))
    .update(String(collisions))
    .digest();
  return safeEncode(String(digest.readUInt32BE(0)));
}

function withoutHash(template: PodTemplateSpec): unknown {
  const { [TEMPLATE_HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  const { creationTimestamp: _time, ...metadata } = (template.metadata ?? {}) as Record<
    string,
    unknown
  >;
  return JSON.parse(canonical({ ...template, metadata: { ...metadata, labels } }));
}

/** True when two templates make the same pods; the hash label does not count. */
export function isSameTemplate(one: PodTemplateSpec, two: PodTemplateSpec): boolean {
  return isDeepStrictEqual(withoutHash(one), withoutHash(two));
}
