import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { ApiError, type Status } from '../../kube/index.ts';
import { messageOf } from '../../fault/index.ts';
import { anonymous, type User } from '../authentication/user.ts';
import { bodyType, negotiate, type Negotiated } from './media-type.ts';

/** What node:http and the compatibility layer of node:http2 have in common. */
export interface HttpRequest extends Readable {
  readonly method?: string;
  readonly url?: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: TLSSocket;
}

/** See {@link HttpRequest}. */
export interface HttpResponse extends NodeJS.EventEmitter {
  statusCode: number;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  setHeader(name: string, value: string | readonly string[]): unknown;
  write(chunk: string | Uint8Array, done?: () => void): boolean;
  end(chunk?: string | Uint8Array): unknown;
  destroy(): unknown;
}

const compress = promisify(gzip);

/** As in Kubernetes: what is smaller costs more to compress than to send. */
const compressAbove = 128 * 1024;

/** RFC 9110 5.5: what a header cannot carry becomes a space. */
function headerText(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]+/g, ' ').replaceAll(/["\\]/g, String.raw`\$&`);
}

/** Only the path and the query count; one that is no URL leads nowhere, and so to a 404. */
function urlOf(target: string): URL {
  return URL.parse(`https://kubernetes${target}`) ?? new URL('https://kubernetes/-');
}

/** One request and its answer. */
export class Exchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly method: string;
  readonly url: URL;
  user: User = anonymous;
  private readonly warnings = new Set<string>();

  constructor(request: HttpRequest, response: HttpResponse) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? 'GET';
    this.url = urlOf(request.url ?? '/');
  }

  get query(): URLSearchParams {
    return this.url.searchParams;
  }

  get accept(): string | undefined {
    return this.request.headers.accept;
  }

  get contentType(): string {
    return bodyType(this.request.headers['content-type']);
  }

  /** Adds a Warning header; the same text once. */
  warn(text: string): void {
    this.warnings.add(headerText(text));
  }

  /** Starts an answer whose body is written piece by piece. */
  startStream(contentType: string): void {
    this.writeHead(200, contentType);
  }

  async sendText(
    status: number,
    text: string,
    contentType = 'text/plain; charset=utf-8',
  ): Promise<void> {
    await this.sendBytes(status, Buffer.from(text), contentType);
  }

  async sendBytes(status: number, body: Uint8Array, contentType: string): Promise<void> {
    const isCompressed =
      body.length > compressAbove && /\bgzip\b/.test(this.request.headers['accept-encoding'] ?? '');
    const sent = isCompressed ? await compress(body, { level: constants.Z_BEST_SPEED }) : body;
    if (isCompressed) this.response.setHeader('content-encoding', 'gzip');
    this.response.setHeader('content-length', String(sent.length));
    this.writeHead(status, contentType);
    this.response.end(this.method === 'HEAD' ? undefined : sent);
  }

  /** Sends a value as JSON, or as YAML where the client prefers that. */
  async sendValue(
    status: number,
    value: unknown,
    encoding: Negotiated['encoding'] = 'json',
  ): Promise<void> {
    if (encoding === 'yaml') {
      const { stringify } = await import('yaml');
      await this.sendText(
        status,
        stringify(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' }),
        'application/yaml',
      );
      return;
    }
    const pretty = this.query.get('pretty');
    const isPretty = pretty !== null && pretty !== 'false' && pretty !== '0';
    const text = JSON.stringify(value, undefined, isPretty ? 2 : undefined);
    await this.sendText(status, `${text}\n`, 'application/json');
  }

  /** Answers with the Status of an error; one that is no ApiError is our bug and says so. */
  async sendError(error: unknown): Promise<void> {
    if (this.response.headersSent) {
      this.response.destroy();
      return;
    }
    const status = statusOf(error);
    try {
      const retryAfter = status.details?.retryAfterSeconds;
      if (retryAfter !== undefined) this.response.setHeader('retry-after', String(retryAfter));
      await this.sendValue(status.code, status, this.errorEncoding());
    } catch {
      // The client went away in the middle of its request: there is nobody to tell.
      this.response.destroy();
    }
  }

  private errorEncoding(): Negotiated['encoding'] {
    try {
      return negotiate(this.accept).encoding;
    } catch {
      // The very error may be that nothing is acceptable: JSON is what every client reads.
      return 'json';
    }
  }

  private writeHead(status: number, contentType: string): void {
    const { response } = this;
    response.statusCode = status;
    response.setHeader('content-type', contentType);
    response.setHeader('cache-control', 'no-cache, private');
    if (this.warnings.size > 0) {
      response.setHeader(
        'warning',
        [...this.warnings].map((text) => `299 - "${text}"`),
      );
    }
  }
}

/** The Status of any error. */
export function statusOf(error: unknown): Status {
  if (error instanceof ApiError) return error.status;
  return new ApiError('InternalError', `Internal error occurred: ${messageOf(error)}`).status;
}
