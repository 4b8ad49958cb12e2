import type { Endpoint, EndpointSlice, KubeObject, ObjectMeta } from '../../kube/index.ts';
import type { EndpointGroup } from './desired-slices.ts';
import { portsKey } from './ports-key.ts';

/** What stands in every slice of one Service beside endpoints and ports. */
export interface SliceTemplate {
  readonly metadata: Omit<ObjectMeta, 'name'>;
  /** At most so many endpoints in one slice. */
  readonly limit: number;
}

export interface SliceChanges {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** A slice being filled. */
interface Draft {
  readonly existing: EndpointSlice | undefined;
  readonly endpoints: Endpoint[];
}

function groupKey({
  addressType,
  ports = [],
}: Pick<EndpointSlice, 'addressType' | 'ports'>): string {
  return `${addressType} ${portsKey(ports)}`;
}

function identity({ addresses, targetRef }: Endpoint): string {
  return `${addresses.join()} ${targetRef?.uid ?? targetRef?.name ?? ''}`;
}

/** Keeps each endpoint in the slice where it is, so that a change of one endpoint is a write of one slice. */
function fill(group: EndpointGroup, existing: readonly EndpointSlice[], limit: number): Draft[] {
  const wanted = new Map(group.endpoints.map((endpoint) => [identity(endpoint), endpoint]));
  const drafts: Draft[] = existing.map((slice) => ({ existing: slice, endpoints: [] }));
  for (const { existing: slice, endpoints } of drafts) {
    for (const old of slice?.endpoints ?? []) {
      const endpoint = wanted.get(identity(old));
      if (endpoint === undefined || endpoints.length >= limit) continue;
      wanted.delete(identity(old));
      endpoints.push(endpoint);
    }
  }
  for (const endpoint of wanted.values()) {
    const free = drafts.find(({ endpoints }) => endpoints.length < limit);
    if (free === undefined) drafts.push({ existing: undefined, endpoints: [endpoint] });
    else free.endpoints.push(endpoint);
  }
  if (drafts.length === 0) drafts.push({ existing: undefined, endpoints: [] });
  return drafts;
}

/** Equal whatever order the server gave the fields. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return entries
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .map(([name, field]) => [name, canonical(field)]);
}

function contentOf(slice: EndpointSlice): string {
  const { labels = {}, annotations = {}, ownerReferences = [] } = slice.metadata;
  const { endpoints, ports = [] } = slice;
  return JSON.stringify(canonical({ labels, annotations, ownerReferences, endpoints, ports }));
}

function write(draft: Draft, group: EndpointGroup, template: SliceTemplate): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: '', ...draft.existing?.metadata, ...template.metadata },
    addressType: group.addressType,
    endpoints: draft.endpoints,
    ports: [...group.ports],
  };
}

/** Compares the slices that are there with the groups that should be, and changes as few slices as possible. */
export function diffSlices(
  groups: readonly EndpointGroup[],
  existing: readonly EndpointSlice[],
  template: SliceTemplate,
): SliceChanges {
  const unclaimed = new Map(existing.map((slice) => [slice.metadata.name, slice]));
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  for (const group of groups) {
    const key = groupKey({ ...group, ports: [...group.ports] });
    const matching = [...unclaimed.values()].filter((slice) => groupKey(slice) === key);
    const drafts = fill(group, matching, template.limit);
    const filled = drafts.filter(({ endpoints }) => endpoints.length > 0);
    for (const draft of filled.length > 0 ? filled : drafts.slice(0, 1)) {
      const slice = write(draft, group, template);
      if (draft.existing === undefined) create.push(slice);
      else if (contentOf(slice) !== contentOf(draft.existing)) update.push(slice);
      if (draft.existing !== undefined) unclaimed.delete(draft.existing.metadata.name);
    }
  }
  return recycle({ create, update, remove: [...unclaimed.values()] });
}

/**
 * Writes what would be created over what would be removed: one write instead of two, and no moment without endpoints
 * when a Service's ports change.
 */
function recycle({ create, update, remove }: SliceChanges): SliceChanges {
  const unused = [...remove];
  const fresh: EndpointSlice[] = [];
  const reused: EndpointSlice[] = [];
  for (const slice of create) {
    const at = unused.findIndex(({ addressType }) => addressType === slice.addressType);
    const [old] = at === -1 ? [] : unused.splice(at, 1);
    if (old === undefined) fresh.push(slice);
    else
      reused.push({
        ...slice,
        metadata: { ...old.metadata, ...slice.metadata, name: old.metadata.name },
      });
  }
  return { create: fresh, update: [...update, ...reused], remove: unused };
}

/** Whether a controller of that name keeps the slice. */
export function isManagedBy(slice: KubeObject, manager: string): boolean {
  return slice.metadata.labels?.[managedByLabel] === manager;
}

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const serviceNameLabel = 'kubernetes.io/service-name';
export const headlessLabel = 'service.kubernetes.io/headless';
