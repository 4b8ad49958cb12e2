import { badRequest } from '../../kube/index.ts';

/** A request for a resource, taken from its method, path and query. */
export interface ResourceInfo {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** Empty: cluster-scoped, or all namespaces. */
  readonly namespace: string;
  readonly plural: string;
  /** Empty: the collection. */
  readonly name: string;
  readonly subresource: string;
}

interface Located {
  readonly group: string;
  readonly version: string;
  readonly rest: readonly string[];
}

/** Splits `/api/VERSION/...` and `/apis/GROUP/VERSION/...`; undefined for any other path. */
function locate(segments: readonly string[]): Located | undefined {
  const [root, first, second, ...rest] = segments;
  if (root === 'api' && first !== undefined && second !== undefined) {
    return { group: '', version: first, rest: [second, ...rest] };
  }
  const [third] = rest;
  if (root === 'apis' && first !== undefined && second !== undefined && third !== undefined) {
    return { group: first, version: second, rest };
  }
  return undefined;
}

/** Below a namespace's own name these are subresources, all else is a resource in it. */
const namespaceSubresources = ['status', 'finalize'];

type Place = Pick<ResourceInfo, 'namespace' | 'plural' | 'name' | 'subresource'>;

function placeOf(rest: readonly string[]): Place | undefined {
  const [first = '', second = '', third = ''] = rest;
  const isInNamespace =
    first === 'namespaces' && rest.length > 2 && !namespaceSubresources.includes(third);
  if (!isInNamespace) {
    if (rest.length > 3) return undefined;
    return { namespace: '', plural: first, name: second, subresource: third };
  }
  if (rest.length > 5) return undefined;
  const [, , plural = '', name = '', subresource = ''] = rest;
  return { namespace: second, plural, name, subresource };
}

const verbs: ReadonlyMap<string, string> = new Map([
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

/** Whether the API gives the HTTP method a meaning; HTTP/2 lets clients make up their own. */
export function isKnownMethod(method: string): boolean {
  return verbs.has(method);
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1' || value === '';
}

function verbOf(method: string, place: Place, query: URLSearchParams): string {
  const verb = verbs.get(method) ?? method.toLowerCase();
  if (place.name !== '') return verb;
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** @throws ApiError `BadRequest` for a percent sign that starts no escape */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`the path of the request has an invalid escape: ${segment}`);
  }
}

/** Takes a resource request apart; undefined when the path is not below a group and version. */
export function parseResourceInfo(method: string, url: URL): ResourceInfo | undefined {
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const located = locate(segments.map(decodeSegment));
  if (located === undefined) return undefined;
  const place = placeOf(located.rest);
  if (place === undefined) return undefined;
  const { group, version } = located;
  return { group, version, ...place, verb: verbOf(method, place, url.searchParams) };
}
