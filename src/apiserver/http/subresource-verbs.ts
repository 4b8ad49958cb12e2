import type { AnyObject } from '../../kube/index.ts';
import type { Call } from '../registry/context.ts';
import { decodeAs, decodeObject, schemaOf } from '../registry/decode-object.ts';
import type { Subresource } from '../registry/subresources/subresource.ts';
import { upgradeRequired } from '../streaming/handle-upgrade.ts';
import { sendLog } from './log.ts';
import { callOf } from './options.ts';
import { readObject } from './read-body.ts';
import { methodNotAllowed, readPatch, targetOf, type ResourceRequest } from './resource-verbs.ts';
import { streamingKind } from './streaming-kinds.ts';
import { sendObject } from './views.ts';

/** Reads a body: the kind's own, or that of the subresource (a Scale, a Binding). */
async function readBodyObject(
  { exchange, collection }: ResourceRequest,
  subresource: Subresource,
  call: Call,
): Promise<AnyObject> {
  const body = await readObject(exchange);
  if (subresource.body === undefined) return decodeObject(collection.kind, body, call);
  return decodeAs(schemaOf(subresource.body), body);
}

async function answer(
  request: ResourceRequest,
  subresource: Subresource,
  verb: string,
): Promise<AnyObject> {
  const { exchange, environment } = request;
  const { context } = environment.registry;
  const call = callOf(exchange);
  const target = targetOf(request);
  switch (verb) {
    case 'get':
      return (subresource.get ?? methodMissing)(context, { target, call });
    case 'create': {
      const object = await readBodyObject(request, subresource, call);
      return (subresource.create ?? methodMissing)(context, { target, call, object });
    }
    case 'update': {
      const object = await readBodyObject(request, subresource, call);
      return (subresource.update ?? methodMissing)(context, { target, call, object });
    }
    case 'patch': {
      const patch = await readPatch(request, call, subresource.body === undefined);
      return (subresource.patch ?? methodMissing)(context, { target, call, patch });
    }
    default:
      throw methodNotAllowed();
  }
}

function methodMissing(): never {
  throw methodNotAllowed();
}

/** Answers a request for a subresource. */
export async function serveSubresource(
  request: ResourceRequest,
  subresource: Subresource,
  verb: string,
): Promise<void> {
  if (subresource.name === 'log' && verb === 'get') {
    await sendLog(request);
    return;
  }
  if (streamingKind(subresource.name) !== undefined) throw upgradeRequired();
  const { environment, exchange, collection } = request;
  const object = await answer(request, subresource, verb);
  const code = verb === 'create' ? 201 : 200;
  await sendObject({ environment, exchange, kind: collection.kind }, code, object);
}
