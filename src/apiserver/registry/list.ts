import { apiVersionOf, badRequest, type AnyObject, type KubeList } from '../../kube/index.ts';
import type { StoreKey } from '../../store/index.ts';
import { presented } from './admit.ts';
import type { Collection, RegistryContext } from './context.ts';
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts';
import {
  assertListVersions,
  parseRevision,
  tooLarge,
  type VersionOptions,
} from './resource-version.ts';
import { compileSelection, type Selection, type SelectorTexts } from './selection.ts';
import { collectionPrefix, storeKey } from './store-key.ts';

/** `meta/v1 ListOptions` as a list knows them; a `limit` of 0 or below is none. */
export interface ListQuery extends SelectorTexts, VersionOptions {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
}

/** Where a list starts, and when. */
interface Start {
  readonly revision: number | undefined;
  readonly after: StoreKey | undefined;
}

interface Page {
  readonly objects: readonly AnyObject[];
  readonly revision: number;
  readonly next: StoreKey | undefined;
  readonly remaining: number;
}

async function startOf(
  context: Pick<RegistryContext, 'store'>,
  prefix: string,
  query: ListQuery,
): Promise<Start> {
  assertListVersions(query);
  const wanted = parseRevision(query.resourceVersion);
  if ((query.continue ?? '') !== '') {
    if (wanted !== undefined && wanted !== 0) {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const { revision, start } = decodeContinueToken(query.continue ?? '');
    return { revision, after: prefix + start };
  }
  const current = wanted === undefined ? 0 : await context.store.revision();
  if (wanted !== undefined && wanted > current) throw tooLarge(wanted, current);
  // Every other list is answered from the newest state, which is never older than what was asked for.
  return {
    revision: query.resourceVersionMatch === 'Exact' ? wanted : undefined,
    after: undefined,
  };
}

/** Reads pages until `limit` objects match: a selector is applied before the limit. */
async function readPage(
  context: Pick<RegistryContext, 'store'>,
  options: { prefix: string; start: Start; limit: number; selection: Selection },
): Promise<Page> {
  const { prefix, limit, selection } = options;
  let { revision, after } = options.start;
  const objects: AnyObject[] = [];
  for (;;) {
    const page = await context.store.list({
      prefix,
      ...(revision === undefined ? {} : { revision }),
      ...(limit === 0 ? {} : { limit: limit - objects.length }),
      ...(after === undefined ? {} : { after }),
    });
    for (const object of page.objects as readonly AnyObject[]) {
      if (selection.matches(object)) objects.push(object);
    }
    ({ revision, next: after } = page);
    if (after === undefined || objects.length >= limit) {
      return { objects, revision, next: after, remaining: page.remaining };
    }
  }
}

/** A field selector on the name of one namespace's object: one look-up instead of a scan. */
async function readOne(
  context: Pick<RegistryContext, 'store'>,
  collection: Collection,
  selection: Selection,
): Promise<Page> {
  const revision = await context.store.revision();
  const object = (await context.store.get(
    storeKey({ ...collection, name: selection.name ?? '' }),
  )) as AnyObject | undefined;
  const objects = object !== undefined && selection.matches(object) ? [object] : [];
  return { objects, revision, next: undefined, remaining: 0 };
}

function listOf(collection: Collection, page: Page, selection: Selection): KubeList {
  const { kind } = collection;
  const prefix = collectionPrefix(collection);
  return {
    kind: `${kind.definition.kind}List`,
    apiVersion: apiVersionOf(kind.definition),
    metadata: {
      resourceVersion: String(page.revision),
      ...(page.next === undefined
        ? {}
        : {
            continue: encodeContinueToken({
              revision: page.revision,
              start: page.next.slice(prefix.length),
            }),
            // How many of the rest a selector matches is not known.
            ...(selection.isEverything ? { remainingItemCount: page.remaining } : {}),
          }),
    },
    items: page.objects.map((object) => presented(collection, object)),
  };
}

/**
 * Lists a collection, consistently at one revision.
 * @throws ApiError `BadRequest`, `Invalid` (options), `Expired`, `Timeout` (a revision of the future).
 */
export async function listObjects(
  context: Pick<RegistryContext, 'store'>,
  collection: Collection,
  query: ListQuery,
): Promise<KubeList> {
  const { definition } = collection.kind;
  const selection = compileSelection(definition, query);
  const prefix = collectionPrefix(collection);
  const start = await startOf(context, prefix, query);
  const isComplete = collection.namespace !== undefined || !definition.namespaced;
  const page =
    selection.name !== undefined && isComplete && start.revision === undefined
      ? await readOne(context, collection, selection)
      : await readPage(context, { prefix, start, limit: Math.max(0, query.limit ?? 0), selection });
  return listOf(collection, page, selection);
}
