import { apiVersionOf } from '../../kube/index.ts';
import { apiResources, type DiscoverySource, type GroupVersion } from './api-resources.ts';
import { apiGroups, type ApiGroup } from './groups.ts';

type Document = Record<string, unknown>;

/** `GET /api`; `address` is where clients reach the server, `host:port`. */
export function coreVersions(address: string): Document {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

function groupDocument({ name, versions }: ApiGroup): Document {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** `GET /apis` */
export function groupList(source: DiscoverySource): Document {
  const groups = apiGroups(source).filter(({ name }) => name !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupDocument) };
}

/** `GET /apis/GROUP`; undefined when there is no such group. */
export function groupNamed(source: DiscoverySource, name: string): Document | undefined {
  const group = apiGroups(source).find((one) => one.name === name && name !== '');
  if (group === undefined) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(group) };
}

/** `GET /api/v1` and `/apis/GROUP/VERSION`; undefined when nothing is served there. */
export function resourceList(source: DiscoverySource, where: GroupVersion): Document | undefined {
  const resources = apiResources(source, where);
  if (resources.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(where),
    resources,
  };
}
