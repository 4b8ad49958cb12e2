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
    const length = Number(exchange.request.headers['content-length'] ?? 0);
    if (!withBody || length === 0 || length > MAX_BODY) {
      send();
      return;
    }
    exchange.request.on('data', (chunk: Buffer) => chunks.push(chunk));
    exchange.request.once('end', send);
    // Listening makes the stream flow; the one who forwards decides when it does.
    exchange.request.pause();
  }

  private async send(
    { facts, request, id }: Exchange,
    url: string,
    body: readonly Buffer[],
  ): Promise<void> {
    const target = new URL(fillVariables(url, facts));
    try {
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
