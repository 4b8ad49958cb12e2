import type { StoreKey } from '../../store/index.ts';
import type { Collection, Target } from './context.ts';

/** The core group has a name in keys: an empty segment would be easy to lose. */
export function groupSegment(group: string): string {
  return group === '' ? 'core' : group;
}

/** `/GROUP/PLURAL/` or `/GROUP/PLURAL/NAMESPACE/`: what the keys of a collection start with. */
export function collectionPrefix({ kind, namespace }: Collection): string {
  const { group, plural } = kind.definition;
  const root = `/${groupSegment(group)}/${plural}/`;
  return namespace === undefined ? root : `${root}${namespace}/`;
}

export function storeKey(target: Target): StoreKey {
  return `${collectionPrefix(target)}${target.name}`;
}
