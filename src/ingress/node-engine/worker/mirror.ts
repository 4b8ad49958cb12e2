import { Agent } from 'undici';
import { fillVariables, type RoutePolicy } from '../../../routes/index.ts';
import type { Exchange } from './exchange.ts';

/** The longest body that is copied: a copy must never cost the original its memory. */
const MAX_BODY = 1024 ** 2;
/** Copies under way; beyond that requests go on without. */
const MOST = 256;

/** Sends copies of requests elsewhere and forgets the answers. */
export class Mirror {
  private readonly agent = new Agent({ headersTimeout: 10_000, bodyTimeout: 10_000 });
  private underWay = 0;

  copy(exchange: Exchange, { url, withBody }: NonNullable<RoutePolicy['mirror']>): void {
    if (this.underWay >= MOST) return;
    this.underWay += 1;
    const chunks: Buffer[] = [];
    const send = (): void => {
      void this.send(exchange, url, chunks).finally(() => {
        this.underWay -= 1;
      });
    };
    const { request } = exchange;
    const length = Number(request.headers['content-length'] ?? 0);
    if (!withBody || length === 0 || length > MAX_BODY) {
      send();
      return;
    }
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', send);
    exchange.response.once('close', () => {
      if (request.readableEnded) return;
      // Nobody will read the rest: half a request is no copy.
      request.off('end', send);
      this.underWay -= 1;
    });
    // Listening makes the stream flow; the one who forwards decides when it does.
    exchange.request.pause();
  }

  private async send(
    { facts, request, id }: Exchange,
    url: string,
    body: readonly Buffer[],
  ): Promise<void> {
    try {
      const target = new URL(fillVariables(url, facts));
      const answer = await this.agent.request({
        origin: target.origin,
        path: url.includes('$') ? `${target.pathname}${target.search}` : facts.target,
        method: facts.method,
        headers: {
          'x-request-id': id,
          'x-original-url': `${facts.scheme}://${facts.host}${facts.target}`,
          'content-type': request.headers['content-type'] ?? 'application/octet-stream',
        },
        body: body.length === 0 ? null : Buffer.concat(body),
      });
      await answer.body.dump();
    } catch {
      // Nobody waits for a copy; the original is not harmed by one that is lost.
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}
