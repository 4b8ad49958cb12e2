import {
  ApiError,
  FieldPath,
  fieldInvalid,
  invalid,
  type AnyObject,
  type FieldProblem,
} from '../../kube/index.ts';
import type { PatchType } from '../../client/index.ts';
import type { ServedKind } from '../registry/catalog.ts';
import type { Call, Collection, Target } from '../registry/context.ts';
import { decodeAs, decodeObject, reportProblems } from '../registry/decode-object.ts';
import type { Deleted } from '../registry/delete.ts';
import type { Patch } from '../registry/patch.ts';
import type { Environment } from './environment.ts';
import type { Exchange } from './exchange.ts';
import { callOf, deleteOptionsOf, listQueryOf } from './options.ts';
import { decodeBody, readBody, readObject, unsupportedMediaType } from './read-body.ts';
import { sendList, sendObject, type Viewing } from './views.ts';
import { streamWatch } from './watch-stream.ts';

/** A request for stored objects, routed. */
export interface ResourceRequest {
  readonly environment: Environment;
  readonly exchange: Exchange;
  readonly collection: Collection;
  /** Empty: the collection. */
  readonly name: string;
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  );
}

export function targetOf({ collection, name }: ResourceRequest): Target {
  return { ...collection, name };
}

function viewing({ environment, exchange, collection }: ResourceRequest): Viewing {
  return { environment, exchange, kind: collection.kind };
}

async function create(request: ResourceRequest): Promise<void> {
  const { environment, exchange, collection } = request;
  if (request.name !== '') throw methodNotAllowed();
  const call = callOf(exchange);
  const object = decodeObject(collection.kind, await readObject(exchange), call);
  const created = await environment.registry.create({ ...collection, object, call });
  await sendObject(viewing(request), 201, created);
}

async function get(request: ResourceRequest): Promise<void> {
  const object = await request.environment.registry.get(targetOf(request));
  await sendObject(viewing(request), 200, object);
}

async function list(request: ResourceRequest): Promise<void> {
  const { environment, exchange, collection } = request;
  const found = await environment.registry.list(collection, listQueryOf(exchange));
  await sendList(viewing(request), found);
}

async function watch({ environment, exchange, collection }: ResourceRequest): Promise<void> {
  await streamWatch(environment, exchange, collection);
}

async function update(request: ResourceRequest): Promise<void> {
  const { environment, exchange, collection } = request;
  if (request.name === '') throw methodNotAllowed();
  const call = callOf(exchange);
  const object = decodeObject(collection.kind, await readObject(exchange), call);
  const updated = await environment.registry.update(targetOf(request), object, call);
  await sendObject(viewing(request), 200, updated);
}

const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** A patch cannot be judged by itself: what it makes of the object is. */
function patchCheck(
  call: Call,
  kind: ServedKind,
  { text, problems: duplicates }: { text: string; problems: readonly FieldProblem[] },
): (patched: AnyObject) => void {
  return (patched) => {
    const problems = [...duplicates, ...kind.checkFields(patched)];
    reportProblems(call, problems, (message) =>
      invalid({ group: '', kind: '' }, '', [fieldInvalid(new FieldPath('patch'), text, message)]),
    );
    if (problems.length > 0) kind.dropUnknown(patched);
  };
}

/** Reads a patch; its result is checked against the kind unless it patches a subresource with a body of its own. */
export async function readPatch(
  { exchange, collection }: ResourceRequest,
  call: Call,
  isOfKind = true,
): Promise<Patch> {
  const type = patchTypes[exchange.contentType];
  if (type === undefined) throw unsupportedMediaType(Object.keys(patchTypes));
  const bytes = await readBody(exchange);
  const { value: body, problems } = await decodeBody('application/json', bytes);
  if (!isOfKind) return { type, body };
  const text = bytes.toString('utf8');
  return { type, body, check: patchCheck(call, collection.kind, { text, problems }) };
}

async function patch(request: ResourceRequest): Promise<void> {
  const { environment, exchange } = request;
  if (request.name === '') throw methodNotAllowed();
  const call = callOf(exchange);
  const change = await readPatch(request, call);
  const patched = await environment.registry.patch(targetOf(request), change, call);
  await sendObject(viewing(request), 200, patched);
}

const deleteOptions = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';

async function readDeleteOptions(exchange: Exchange): Promise<ReturnType<typeof deleteOptionsOf>> {
  const bytes = await readBody(exchange);
  if (bytes.length === 0) return deleteOptionsOf(exchange.query, undefined);
  const body = await decodeBody(exchange.contentType, bytes);
  return deleteOptionsOf(exchange.query, decodeAs(deleteOptions, body));
}

/** Kinds whose DELETE answers with the object: `ReturnDeletedObject` in Kubernetes' storage of each. */
const returnedWhenGone = ['pods', 'services', 'serviceaccounts', 'persistentvolumeclaims'];

function deletedAnswer({ collection, name }: ResourceRequest, deleted: Deleted): AnyObject {
  const { definition } = collection.kind;
  const isReturned = definition.group === '' && returnedWhenGone.includes(definition.plural);
  if (!deleted.isGone || isReturned) return deleted.object;
  const { group, plural } = definition;
  const { uid } = deleted.object.metadata;
  const details = { name, ...(group === '' ? {} : { group }), kind: plural, uid };
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  return status as unknown as AnyObject;
}

async function remove(request: ResourceRequest): Promise<void> {
  const { environment, exchange } = request;
  const options = await readDeleteOptions(exchange);
  const call = { ...callOf(exchange), dryRun: options.dryRun };
  const deleted = await environment.registry.delete(targetOf(request), options, call);
  await sendObject(viewing(request), 200, deletedAnswer(request, deleted));
}

async function removeCollection(request: ResourceRequest): Promise<void> {
  const { environment, exchange, collection } = request;
  const options = await readDeleteOptions(exchange);
  const call = { ...callOf(exchange), dryRun: options.dryRun };
  const query = listQueryOf(exchange);
  const deleted = await environment.registry.deleteCollection({ collection, query, options, call });
  await sendList(viewing(request), deleted);
}

/** What each verb does; a verb that is not here is not allowed. */
export const resourceVerbs: ReadonlyMap<string, (request: ResourceRequest) => Promise<void>> =
  new Map([
    ['create', create],
    ['get', get],
    ['list', list],
    ['watch', watch],
    ['update', update],
    ['patch', patch],
    ['delete', remove],
    ['deletecollection', removeCollection],
  ]);
