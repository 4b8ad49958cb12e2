import type { KindDefinition } from '../../kube/index.ts';
import type { Review } from '../reviews/review.ts';
import type { Subresource } from '../registry/subresources/subresource.ts';
import type { SubresourceTable } from '../registry/subresources/table.ts';

export const standardVerbs = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;

/** Everything that discovery speaks of. */
export interface DiscoverySource {
  kinds(): readonly KindDefinition[];
  readonly reviews: readonly Review[];
  readonly subresources: SubresourceTable;
}

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** `meta/v1 APIResource`. */
export interface ApiResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

function kindResource(kind: KindDefinition): ApiResource {
  const { shortNames = [], categories = [] } = kind;
  return {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: standardVerbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
}

function subresourceResource(kind: KindDefinition, subresource: Subresource): ApiResource {
  return {
    name: `${kind.plural}/${subresource.name}`,
    singularName: '',
    namespaced: kind.namespaced,
    ...(subresource.body ?? { kind: kind.kind }),
    verbs: subresource.verbs,
  };
}

function reviewResource({ plural, kind, namespaced }: Review): ApiResource {
  return {
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs: ['create'],
  };
}

function isIn(one: GroupVersion, { group, version }: GroupVersion): boolean {
  return one.group === group && one.version === version;
}

/** The resources of one group and version, each followed by its subresources. */
export function apiResources(source: DiscoverySource, where: GroupVersion): ApiResource[] {
  const kinds = source.kinds().filter((kind) => isIn(kind, where));
  const reviews = source.reviews.filter((review) => isIn(review, where));
  return [
    ...kinds.flatMap((kind) => [
      kindResource(kind),
      ...source.subresources.of(kind).map((sub) => subresourceResource(kind, sub)),
    ]),
    ...reviews.map(reviewResource),
  ].sort((one, two) => (one.name < two.name ? -1 : 1));
}
