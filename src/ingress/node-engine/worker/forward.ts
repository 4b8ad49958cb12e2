import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Backend, Retry, RoutePolicy, Upstream } from '../../../routes/index.ts';
import { BodyTooLong, LazyBody, hasBody } from './body.ts';
import type { Exchange } from './exchange.ts';
import { clientHeaders, upstreamHeaders } from './headers.ts';
import { upstreamName, type UpstreamPools } from './upstream-pools.ts';

/** Methods that may be sent twice (RFC 9110 section 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** A request on its way to a backend. */
export interface Errand {
  readonly exchange: Exchange;
  readonly backend: Backend;
  /** In the order they are to be tried. */
  readonly upstreams: readonly Upstream[];
  /** Path and query to ask for. */
  readonly target: string;
  readonly policy: Partial<RoutePolicy>;
  /** Headers of other parts: name, value, name, value. */
  readonly extraHeaders: readonly string[];
  /** The request's body was for another backend and stays behind. */
  readonly leavesBody?: boolean;
  /** Answers in the backend's place when it answers with one of these. */
  readonly onCustomError?: (status: number) => void;
}

/** Answers up to this many bytes go to the client in one write, with their head. */
const LONGEST_AT_ONCE = 8192;

const defaultRetry: Pick<Retry, 'on' | 'tries'> = { on: ['error', 'timeout'], tries: 3 };

const connectErrors = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
  'UPSTREAM_CONNECT_TIMEOUT',
]);
const timeoutErrors = new Set([
  'UPSTREAM_CONNECT_TIMEOUT',
  'UPSTREAM_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/** Carries one request to upstreams, one after the other until one answers, and the answer back. */
export class Forwarding implements Dispatcher.DispatchHandler {
  private readonly errand: Errand;
  private readonly pools: UpstreamPools;
  private readonly body: LazyBody | null;
  private controller: Dispatcher.DispatchController | undefined;
  private attempt = 0;
  /** Bytes of an answer that fits into one piece. */
  private wholeLength = Number.NaN;
  private readonly deadline: number;

  constructor(errand: Errand, pools: UpstreamPools) {
    this.errand = errand;
    this.pools = pools;
    const { exchange, policy, leavesBody = false } = errand;
    this.body =
      leavesBody || !hasBody(exchange.request)
        ? null
        : new LazyBody(exchange, policy.maxBodyBytes ?? 0);
    const { timeout = 0 } = policy.retry ?? {};
    this.deadline = timeout === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeout;
    exchange.response.once('close', () => this.clientLeft());
  }

  start(): void {
    const { exchange, backend, upstreams, target, policy, extraHeaders, leavesBody } = this.errand;
    const upstream = upstreams[this.attempt % upstreams.length];
    if (upstream === undefined) {
      exchange.respond(503);
      return;
    }
    exchange.upstreams.push(upstreamName(upstream));
    exchange.backend = backend.id;
    const { method } = exchange.facts;
    const headers = upstreamHeaders(exchange, {
      backend,
      policy,
      extra: extraHeaders,
      leavesBody,
    });
    const isPlain = method === 'GET' && this.body === null && backend.protocol === 'http';
    try {
      if (isPlain) this.pools.plainFor(upstream, policy).dispatch({ path: target, headers }, this);
      else this.dispatch(upstream, headers);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private dispatch(upstream: Upstream, headers: string[]): void {
    const { exchange, backend, target, policy } = this.errand;
    const options: Dispatcher.DispatchOptions = {
      path: target,
      method: exchange.facts.method,
      headers,
      // undici takes any async iterable; its type names only streams.
      body: this.body as unknown as Dispatcher.DispatchOptions['body'],
      headersTimeout: policy.timeouts?.read,
      bodyTimeout: policy.timeouts?.read,
    };
    this.pools.for(backend, upstream, policy).dispatch(options, this);
  }

  private clientLeft(): void {
    if (!this.errand.exchange.response.writableFinished) {
      this.controller?.abort(new Error('the client left'));
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.errand.exchange.isOver) controller.abort(new Error('the client left'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    message?: string,
  ): void {
    // Interim answers (1xx) are between the upstream and us.
    if (status < 200) return;
    const { exchange, policy, onCustomError } = this.errand;
    if (policy.retry?.on.includes(status) === true && this.mayRetry()) {
      controller.abort(new RetryStatus(status));
      return;
    }
    if (onCustomError !== undefined && policy.customErrors?.statuses.includes(status) === true) {
      controller.abort(new CustomError(status));
      return;
    }
    const length = Number(headers['content-length']);
    if (length <= LONGEST_AT_ONCE) this.wholeLength = length;
    exchange.begin(status, clientHeaders(headers), message);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { exchange } = this.errand;
    const { response } = exchange;
    exchange.responseBytes += chunk.length;
    if (chunk.length === this.wholeLength && exchange.request.httpVersionMajor === 1) {
      // As text that the head is put before: one write of one piece.
      response.end(chunk.toString('latin1'), 'latin1');
      return;
    }
    if (response.write(chunk) || controller.paused) return;
    controller.pause();
    response.once('drain', () => controller.resume());
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    const { response } = this.errand.exchange;
    if (response.writableEnded) return;
    const names = Object.keys(trailers);
    if (names.length > 0) response.addTrailers(clientHeaders(trailers));
    response.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  /** Nothing may be sent twice that could count twice, and a body only while it is untouched. */
  private mayRetry(isConnectError = false): boolean {
    const { exchange, policy, upstreams } = this.errand;
    const { tries, on } = policy.retry ?? defaultRetry;
    const limit = tries === 0 ? upstreams.length : Math.min(tries, Math.max(upstreams.length, 2));
    const isSafe =
      isConnectError || idempotent.has(exchange.facts.method) || on.includes('non-idempotent');
    const isWhole = this.body === null || !this.body.isTouched;
    const hasTime = performance.now() < this.deadline;
    return isSafe && isWhole && hasTime && this.attempt + 1 < limit && !exchange.isOver;
  }

  private fail(error: Error): void {
    const { exchange, policy, onCustomError } = this.errand;
    if (error instanceof CustomError) {
      onCustomError?.(error.status);
      return;
    }
    if (exchange.response.headersSent) {
      // What was promised cannot be kept; the client has to see that the answer is not whole.
      exchange.response.destroy();
      return;
    }
    if (error instanceof BodyTooLong || error.cause instanceof BodyTooLong) {
      exchange.respond(413, { connection: 'close' });
      return;
    }
    const code = codeOf(error);
    const isTimeout = timeoutErrors.has(code);
    const { on } = policy.retry ?? defaultRetry;
    const isWanted = error instanceof RetryStatus || on.includes(isTimeout ? 'timeout' : 'error');
    if (isWanted && this.mayRetry(connectErrors.has(code))) {
      this.attempt += 1;
      this.start();
      return;
    }
    if (!exchange.isOver) exchange.respond(isTimeout ? 504 : 502);
  }
}

/** The upstream's answer is thrown away for another try. */
class RetryStatus extends Error {
  constructor(status: number) {
    super(`the upstream answered ${status}`);
  }
}

/** The upstream's answer is replaced. */
class CustomError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the upstream answered ${status}`);
    this.status = status;
  }
}
