import type { IncomingMessage } from 'node:http';
import type { Exchange } from './exchange.ts';

/** How long a client may take between two pieces of a body, as in nginx (client_body_timeout). */
const PATIENCE_MS = 60_000;

/** A body longer than the route allows. */
export class BodyTooLong extends Error {}

/** True when a request has a body (RFC 9112 section 6.3; HTTP/2 says so by not ending the stream). */
export function hasBody(request: IncomingMessage): boolean {
  const { headers, httpVersionMajor } = request;
  if (httpVersionMajor > 1) return !isEnded(request);
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function isEnded(request: IncomingMessage): boolean {
  const { stream } = request as IncomingMessage & { stream?: { endAfterHeaders?: boolean } };
  return stream?.endAfterHeaders === true;
}

/** True when the length that a request declares is over the limit; 0 is none. */
export function declaresTooMuch({ headers }: IncomingMessage, maxBytes: number): boolean {
  return maxBytes > 0 && Number(headers['content-length'] ?? 0) > maxBytes;
}

/**
 * A request's body, read only once somebody asks: until then another upstream can still be tried. Ends with
 * {@link BodyTooLong} beyond the limit.
 */
export class LazyBody implements AsyncIterable<Buffer> {
  isTouched = false;
  private readonly exchange: Exchange;
  private readonly maxBytes: number;

  constructor(exchange: Exchange, maxBytes: number) {
    this.exchange = exchange;
    this.maxBytes = maxBytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    this.isTouched = true;
    const { request } = this.exchange;
    // Destroying it ends the client's connection, or its stream: there is nobody to answer who still speaks.
    const wait = (): NodeJS.Timeout => setTimeout(() => request.destroy(), PATIENCE_MS);
    let timer = wait();
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        // While the upstream is slow, the client is not.
        clearTimeout(timer);
        this.exchange.requestBytes += chunk.length;
        if (this.maxBytes > 0 && this.exchange.requestBytes > this.maxBytes) {
          throw new BodyTooLong();
        }
        yield chunk;
        timer = wait();
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
