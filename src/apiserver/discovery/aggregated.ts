import {
  apiResources,
  type ApiResource,
  type DiscoverySource,
  type GroupVersion,
} from './api-resources.ts';
import { apiGroups } from './groups.ts';

type Document = Record<string, unknown>;

function responseKind(resource: ApiResource, where: GroupVersion): Document {
  return {
    group: resource.group ?? where.group,
    version: resource.version ?? where.version,
    kind: resource.kind,
  };
}

function scopeOf({ namespaced }: ApiResource): string {
  return namespaced ? 'Namespaced' : 'Cluster';
}

/** `APIResourceDiscovery`: a resource with its subresources inside. */
function resourceDocument(
  resource: ApiResource,
  all: readonly ApiResource[],
  where: GroupVersion,
): Document {
  const prefix = `${resource.name}/`;
  const subresources = all
    .filter(({ name }) => name.startsWith(prefix))
    .map((sub) => ({
      subresource: sub.name.slice(prefix.length),
      responseKind: responseKind(sub, where),
      verbs: sub.verbs,
    }));
  return {
    resource: resource.name,
    responseKind: responseKind(resource, where),
    scope: scopeOf(resource),
    singularResource: resource.singularName,
    verbs: resource.verbs,
    ...(resource.shortNames === undefined ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories === undefined ? {} : { categories: resource.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

function versionDocument(source: DiscoverySource, where: GroupVersion): Document {
  const all = apiResources(source, where);
  const own = all.filter(({ name }) => !name.includes('/'));
  return {
    version: where.version,
    resources: own.map((resource) => resourceDocument(resource, all, where)),
    freshness: 'Current',
  };
}

/**
 * `apidiscovery.k8s.io` (KEP-3352): every group, version and resource in one document; `GET /api` lists the core
 * group, `GET /apis` all others.
 */
export function aggregatedDiscovery(
  source: DiscoverySource,
  options: { readonly part: 'core' | 'groups'; readonly version: string },
): Document {
  const groups = apiGroups(source).filter(
    ({ name }) => (name === '') === (options.part === 'core'),
  );
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${options.version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map((version) => versionDocument(source, { group: name, version })),
    })),
  };
}
