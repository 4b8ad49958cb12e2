import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestFacts, RequestReason, Route, Scheme } from '../../../routes/index.ts';
import type { AccessRecord } from '../../engine.ts';
import { errorPage } from './error-page.ts';

/** How many random bytes identify a request. */
const ID_BYTES = 16;

/** Scheme and authority of a request's target. */
export const absoluteForm = /^https?:\/\/([^/?#]*)/iu;

/** What a door knows of a connection. */
export interface Arrival {
  readonly scheme: Scheme;
  /** The client's address, from the PROXY protocol where that is spoken. */
  readonly client: string;
  readonly port: number;
  readonly sni?: string;
}

/** A response's headers, as Node takes them. */
export type Headers = Record<string, number | string | string[]>;

/**
 * One request and its response, and what there will be to tell about them. HTTP/2 comes through Node's compatible API,
 * so there is one kind.
 */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly arrival: Arrival;
  readonly facts: RequestFacts;
  readonly id: string;
  /** Set as the request goes its way. */
  route: Route | undefined;
  reason: RequestReason = 'BAD_REQUEST';
  backend: string | undefined;
  readonly upstreams: string[] = [];
  requestBytes = 0;
  responseBytes = 0;
  /** Headers that the answer gets, whoever gives it. */
  readonly extraHeaders: Headers = {};
  private readonly cookies: string[] = [];
  private readonly since = performance.now();
  private readonly time = Date.now();

  constructor(request: IncomingMessage, response: ServerResponse, arrival: Arrival) {
    this.request = request;
    this.response = response;
    this.arrival = arrival;
    const { headers } = request;
    const get = (name: string): string | undefined => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    };
    this.facts = {
      scheme: arrival.scheme,
      sni: arrival.sni,
      host: get(':authority') ?? headers.host ?? '',
      method: request.method ?? '',
      target: originForm(request.url ?? ''),
      headers: { get },
      client: arrival.client,
    };
    const sent = get('x-request-id');
    this.id = sent !== undefined && /^[\w.-]{1,128}$/u.test(sent) ? sent : newId();
  }

  get isOver(): boolean {
    return this.response.writableEnded || this.response.destroyed;
  }

  /** A cookie of the ingress's own, which goes along with those of the upstream. */
  addCookie(text: string): void {
    this.cookies.push(text);
  }

  /** The headers of an answer, with those that it gets whoever gives it. */
  answerHeaders(headers: Headers): Headers {
    const all = { ...headers, ...this.extraHeaders };
    const vary = [headers['vary'], this.extraHeaders['vary']].filter((text) => text !== undefined);
    if (vary.length > 1) all['vary'] = vary.join(', ');
    const cookies = [headers['set-cookie'] ?? [], this.cookies].flat().map(String);
    if (this.cookies.length > 0) all['set-cookie'] = cookies;
    return all;
  }

  /** Begins the answer. */
  begin(status: number, headers: Headers, message?: string): void {
    const all = this.answerHeaders(headers);
    // HTTP/2 has no status text.
    if (message === undefined || this.request.httpVersionMajor > 1) {
      this.response.writeHead(status, all);
    } else {
      this.response.writeHead(status, message, all);
    }
  }

  /** Answers with a page of our own. */
  respond(status: number, headers: Headers = {}): void {
    if (this.response.headersSent || this.isOver) {
      this.response.destroy();
      return;
    }
    const body = status === 204 ? '' : errorPage(status);
    const about: Headers =
      body === '' ? {} : { 'content-type': 'text/html', 'content-length': Buffer.byteLength(body) };
    this.begin(status, { ...about, ...headers });
    if (this.facts.method !== 'HEAD') this.responseBytes += body.length;
    this.response.end(body);
  }

  redirect(status: number, location: string): void {
    this.respond(status, { location });
  }

  /** What is told when it is over. */
  record(): AccessRecord {
    const { facts, request, response, route } = this;
    return {
      time: this.time,
      client: facts.client,
      scheme: facts.scheme,
      protocol: `HTTP/${request.httpVersion}`,
      method: facts.method,
      host: facts.host,
      target: facts.target,
      // As nginx counts a client that went away before it was answered.
      status: response.headersSent ? response.statusCode : 499,
      requestBytes: this.requestBytes,
      responseBytes: this.responseBytes,
      seconds: (performance.now() - this.since) / 1000,
      reason: this.reason,
      route: route?.ref,
      backend: this.backend,
      upstreams: this.upstreams,
      requestId: this.id,
    };
  }
}

/** What an upstream is asked for: a target in absolute form loses scheme and authority (RFC 9112 section 3.2.2). */
function originForm(url: string): string {
  if (url.startsWith('/')) return url;
  const rest = url.replace(absoluteForm, '');
  return rest === url || rest.startsWith('/') ? rest : `/${rest}`;
}

let pool = Buffer.alloc(0);

/** Random bytes are drawn many at a time: a draw costs more than a request may. */
function newId(): string {
  if (pool.length < ID_BYTES) pool = randomBytes(ID_BYTES * 256);
  const id = pool.subarray(0, ID_BYTES).toString('hex');
  pool = pool.subarray(ID_BYTES);
  return id;
}
