import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Exchange } from './exchange.ts';
import { admit, askFirst, judge, type Workshop } from './pipeline.ts';
import { tunnelUpgrade } from './upgrade.ts';

export interface UpgradeArrival {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly begin: (request: IncomingMessage, response: ServerResponse) => Exchange;
  readonly workshop: Workshop;
}

/** Takes an upgrade through the same judgement and checks as any request, then joins client and upstream. */
export function handleUpgrade(
  { request, socket, head, begin, workshop }: UpgradeArrival,
  onClose: (exchange: Exchange, status: number) => void,
): void {
  // Answers of the checks are written by Node, as for any request.
  const response = new ServerResponse(request);
  response.assignSocket(socket as never);
  response.shouldKeepAlive = false;
  const exchange = begin(request, response);
  let isTold = false;
  const tell = (status: number): void => {
    if (isTold) return;
    isTold = true;
    // Without a socket of its own it does not hear that it is over; whoever counts requests has to.
    response.emit('close');
    onClose(exchange, status);
  };
  response.once('finish', () => {
    tell(response.statusCode);
    (socket as Socket).destroySoon();
  });
  socket.on('error', () => tell(499));
  socket.once('close', () => tell(response.headersSent ? response.statusCode : 499));
  const passage = admit(exchange, judge(exchange, workshop), workshop);
  if (passage === undefined) return;
  const { backend, target, policy, extra } = passage;
  const join = (extraHeaders: readonly string[]): void => {
    const upstreams = workshop.chooser.order(backend, policy, exchange);
    tunnelUpgrade({
      exchange,
      socket,
      head,
      backend,
      upstreams,
      target,
      policy,
      extraHeaders,
      onClose: tell,
    });
  };
  if (policy.externalAuth === undefined) {
    join(extra);
    return;
  }
  askFirst(exchange, policy.externalAuth, workshop)
    .then((headers) => {
      if (headers !== undefined) join([...extra, ...headers]);
      return headers;
    })
    .catch(() => socket.destroy());
}
