import { authenticate } from '../authentication/authenticate.ts';
import { impersonated, impersonationAttributes } from '../authentication/impersonate.ts';
import type { User } from '../authentication/user.ts';
import { forbidden, type Attributes } from '../authorization/attributes.ts';
import type { Collection } from '../registry/context.ts';
import { decodeAs, schemaOf } from '../registry/decode-object.ts';
import type { Environment } from './environment.ts';
import { Exchange, type HttpRequest, type HttpResponse } from './exchange.ts';
import { sendNotFound, servePath } from './paths.ts';
import { readObject } from './read-body.ts';
import { isKnownMethod, parseResourceInfo, type ResourceInfo } from './request-info.ts';
import { methodNotAllowed, resourceVerbs } from './resource-verbs.ts';
import { serveSubresource } from './subresource-verbs.ts';

/** What RBAC is asked about a request. */
export function attributesOf(exchange: Exchange, info: ResourceInfo | undefined): Attributes {
  if (info === undefined) {
    return { verb: exchange.method.toLowerCase(), path: exchange.url.pathname };
  }
  const { verb, group, plural, subresource, namespace, name } = info;
  // The name of a namespace is also the namespace that roles for it live in.
  const isNamespace = group === '' && plural === 'namespaces';
  return {
    verb,
    group,
    resource: plural,
    subresource,
    namespace: isNamespace ? name : namespace,
    name,
  };
}

/** @throws ApiError `Unauthorized` or `Forbidden` */
export async function admitCaller(
  environment: Environment,
  exchange: Exchange,
  info: ResourceInfo | undefined,
): Promise<void> {
  const { socket, headers } = exchange.request;
  const credentials = { socket, authorization: headers.authorization };
  exchange.user = await authenticate(credentials, environment.tokens);
  const other = impersonated(headers);
  if (other !== undefined) {
    for (const attributes of impersonationAttributes(other)) {
      await assertAllowed(environment, exchange.user, attributes);
    }
    exchange.user = other;
  }
  await assertAllowed(environment, exchange.user, attributesOf(exchange, info));
}

async function assertAllowed(
  { authorizer }: Environment,
  user: User,
  attributes: Attributes,
): Promise<void> {
  const { isAllowed } = await authorizer.decide(user, attributes);
  if (!isAllowed) throw forbidden(user, attributes);
}

/** The collection that a request is about; undefined when nothing of that name is served. */
export function collectionOf(environment: Environment, info: ResourceInfo): Collection | undefined {
  const kind = environment.registry.catalog.find(info);
  if (kind === undefined) return undefined;
  if (!kind.definition.namespaced) {
    return info.namespace === '' ? { kind, namespace: undefined } : undefined;
  }
  if (info.namespace === '' && (info.name !== '' || info.verb === 'create')) return undefined;
  return { kind, namespace: info.namespace === '' ? undefined : info.namespace };
}

/** Answers a question that is not stored; true when it was one. */
async function serveReview(
  environment: Environment,
  exchange: Exchange,
  info: ResourceInfo,
): Promise<boolean> {
  const review = environment.reviews.find(
    ({ group, version, plural }) =>
      group === info.group && version === info.version && plural === info.plural,
  );
  if (review === undefined || info.name !== '') return false;
  if (info.verb !== 'create') throw methodNotAllowed();
  const question = decodeAs(schemaOf(review), await readObject(exchange));
  const status = await review.review(question, exchange.user, info.namespace);
  await exchange.sendValue(201, { ...question, status });
  return true;
}

async function serveResource(
  environment: Environment,
  exchange: Exchange,
  info: ResourceInfo,
): Promise<void> {
  if (await serveReview(environment, exchange, info)) return;
  const collection = collectionOf(environment, info);
  if (collection === undefined) {
    await sendNotFound(exchange);
    return;
  }
  const request = { environment, exchange, collection, name: info.name };
  if (info.subresource === '') {
    const serve = resourceVerbs.get(info.verb);
    if (serve === undefined) throw methodNotAllowed();
    await serve(request);
    return;
  }
  const { subresources } = environment.registry;
  const subresource = subresources.find(collection.kind.definition, info.subresource);
  if (subresource === undefined) await sendNotFound(exchange);
  else await serveSubresource(request, subresource, info.verb);
}

async function answer(
  environment: Environment,
  exchange: Exchange,
  info: ResourceInfo | undefined,
): Promise<void> {
  await admitCaller(environment, exchange, info);
  if (info !== undefined) await serveResource(environment, exchange, info);
  else if (exchange.method === 'GET' || exchange.method === 'HEAD') {
    await servePath(environment, exchange);
  } else throw methodNotAllowed();
}

/** Only what is served has a name in the metrics: clients can ask for anything, with any method. */
function count({ metrics, registry }: Environment, exchange: Exchange, info?: ResourceInfo): void {
  const isServed = info !== undefined && registry.catalog.find(info) !== undefined;
  const verb = isKnownMethod(exchange.method) ? (info?.verb ?? exchange.method) : 'other';
  metrics.count(verb, isServed ? info.plural : '', exchange.response.statusCode);
}

/** Answers one HTTP request; never rejects. */
export async function serveRequest(
  environment: Environment,
  request: HttpRequest,
  response: HttpResponse,
): Promise<void> {
  const exchange = new Exchange(request, response);
  // A client that goes away is no error of ours; 'close' is what the verbs listen to.
  response.on('error', () => response.destroy());
  let info: ResourceInfo | undefined;
  try {
    info = parseResourceInfo(exchange.method, exchange.url);
    await answer(environment, exchange, info);
  } catch (error) {
    await exchange.sendError(error);
  }
  count(environment, exchange, info);
}
