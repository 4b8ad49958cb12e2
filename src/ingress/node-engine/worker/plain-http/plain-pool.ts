import type { Dispatcher } from 'undici';
import { PlainConnection, type PlainPlace } from './plain-connection.ts';

/** Characters that could end a path, or a header, and begin another. */
const notInPath = /[^\u0021-\u00ff]/u;
const notInValue = /[^\t\u0020-\u007e\u0080-\u00ff]/u;

/** A GET without a body; the headers are name, value, name, value. */
export interface PlainRequest {
  readonly path: string;
  readonly headers: readonly string[];
}

/**
 * Kept-alive connections in clear to one upstream, for what most requests are: a GET without a body. Everything else is
 * undici's, whose care for all the rest costs a fifth of what a request costs the engine.
 */
export class PlainPool {
  private readonly place: PlainPlace;
  /** The one that was used last is used next, so that those there are too many of grow old. */
  private readonly idle: PlainConnection[] = [];
  private readonly all = new Set<PlainConnection>();
  private isClosed = false;

  constructor(place: PlainPlace) {
    this.place = place;
  }

  /** @throws Error when path or headers would be more than that on the wire */
  dispatch(request: PlainRequest, handler: Dispatcher.DispatchHandler): void {
    const head = headOf(request);
    const idle = this.takeIdle();
    if (idle === undefined) this.open().send({ head, handler });
    else idle.send({ head, handler, sendAgain: () => this.open().send({ head, handler }) });
  }

  private takeIdle(): PlainConnection | undefined {
    const now = performance.now();
    for (let next = this.idle.pop(); next !== undefined; next = this.idle.pop()) {
      if (next.isFresh(now)) return next;
      next.destroy();
    }
    return undefined;
  }

  private open(): PlainConnection {
    const connection = new PlainConnection(this.place, {
      onFree: (freed) => {
        if (this.isClosed) freed.destroy();
        else this.idle.push(freed);
      },
      onClosed: (closed) => {
        this.all.delete(closed);
        const at = this.idle.indexOf(closed);
        if (at !== -1) this.idle.splice(at, 1);
      },
    });
    this.all.add(connection);
    return connection;
  }

  /** Closes connections that have been idle for too long. */
  sweep(now: number): void {
    for (const connection of this.idle) if (!connection.isFresh(now)) connection.destroy();
  }

  /** Closes what is idle; what is under way ends first. */
  close(): void {
    this.isClosed = true;
    for (const connection of this.idle.splice(0)) connection.destroy();
  }

  destroy(): void {
    this.close();
    for (const connection of this.all) connection.destroy();
  }
}

function headOf({ path, headers }: PlainRequest): string {
  if (notInPath.test(path)) throw new Error('a path that is none');
  let head = `GET ${path} HTTP/1.1\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const value = headers[at + 1] ?? '';
    if (notInValue.test(value)) throw new Error(`${headers[at]} has a value that is none`);
    head += `${headers[at]}: ${value}\r\n`;
  }
  return `${head}Connection: keep-alive\r\n\r\n`;
}
