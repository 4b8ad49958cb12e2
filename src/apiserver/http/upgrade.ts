import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError } from '../../kube/index.ts';
import type { HandleUpgrade } from '../streaming/contract.ts';
import { refuseUpgrade } from '../streaming/http-response.ts';
import type { Environment } from './environment.ts';
import { Exchange, statusOf, type HttpRequest, type HttpResponse } from './exchange.ts';
import { nodeOfPod } from './pod-node.ts';
import { parseResourceInfo } from './request-info.ts';
import { admitCaller, collectionOf } from './serve.ts';
import { streamingKind } from './streaming-kinds.ts';

/** One `upgrade` event of the HTTP server. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** The response that an {@link Exchange} wants; an upgrade is never answered through it. */
const noResponse = undefined as unknown as HttpResponse;

/** Checks an upgrade request as any other, then hands its socket to the streaming code; never rejects. */
export async function serveUpgrade(
  environment: Environment,
  { request, socket, head }: Upgrade,
  handle: HandleUpgrade,
): Promise<void> {
  const onError = (): void => {
    socket.destroy();
  };
  socket.on('error', onError);
  try {
    const exchange = new Exchange(request as unknown as HttpRequest, noResponse);
    const info = parseResourceInfo(exchange.method, exchange.url);
    await admitCaller(environment, exchange, info);
    const collection = info === undefined ? undefined : collectionOf(environment, info);
    const kind = streamingKind(info?.subresource);
    if (
      info === undefined ||
      collection === undefined ||
      kind === undefined ||
      info.plural !== 'pods'
    ) {
      throw new ApiError('NotFound', 'the server could not find the requested resource');
    }
    const node = await nodeOfPod(environment, { ...collection, name: info.name });
    const { namespace, name: pod } = info;
    socket.off('error', onError);
    await handle({ request, socket, head, kind, namespace, pod, query: exchange.query, node });
  } catch (error) {
    refuseUpgrade(socket, statusOf(error));
  }
}
