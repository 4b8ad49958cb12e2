import * as http from 'node:http';
import * as https from 'node:https';
import { Fault, messageOf } from '../../fault/index.ts';
import { errorFrom } from './errors.ts';

/** How to reach an API server; certificates and keys are PEM texts. */
export interface HttpClientOptions {
  /** `https://127.0.0.1:6443` */
  readonly server: string;
  /** The system's authorities when absent. */
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly token?: string;
  /** The name that the server's certificate must carry, when it is not the host of `server`. */
  readonly serverName?: string;
  /** Accepts any certificate. */
  readonly insecure?: boolean;
  /** How long a request may take, its answer read whole; 60 s when absent, as the API server's own limit. Watches have none. */
  readonly timeoutMs?: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** After this long the API server itself gives a request up (kube-apiserver `--request-timeout`). */
const defaultTimeoutMs = 60_000;

/** Requests in flight at a time; watches have connections of their own and do not count. */
const maxSockets = 16;

/** A connection that is silent this long is asked whether its peer is there: a watch has nothing else to find out by. */
const keepAliveMs = 30_000;

const userAgent = 'portolan';

function unreachable(server: string, error: unknown): Fault {
  return new Fault({
    code: 'API_UNREACHABLE',
    message: `the API server ${server} cannot be reached: ${messageOf(error)}`,
    advice: 'Check that the cluster runs and that the kubeconfig names its address.',
    cause: error,
  });
}

function timedOut(server: string, { method, path }: ApiRequest, timeoutMs: number): Fault {
  return new Fault({
    code: 'API_TIMEOUT',
    message: `the API server ${server} did not answer ${method} ${path} within ${timeoutMs / 1000} s`,
    advice: 'See whether the API server is overloaded or stopped; a change may have been made.',
  });
}

async function readAll(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Connections to one API server, kept open between requests. */
export class Connection {
  private readonly options: HttpClientOptions;
  private readonly base: URL;
  private readonly library: typeof http | typeof https;
  private readonly requests: http.Agent;
  private readonly watches: http.Agent;

  constructor(options: HttpClientOptions) {
    this.options = options;
    this.base = new URL(options.server);
    this.library = this.base.protocol === 'http:' ? http : https;
    const tls = {
      ca: options.certificateAuthority,
      cert: options.clientCertificate,
      key: options.clientKey,
      servername: options.serverName,
      rejectUnauthorized: options.insecure !== true,
    };
    this.requests = new this.library.Agent({ ...tls, keepAlive: true, maxSockets });
    this.watches = new this.library.Agent({ ...tls, keepAlive: false });
  }

  /** Sends a request and returns the parsed answer. @throws ApiError, or Fault `API_UNREACHABLE` or `API_TIMEOUT` */
  async json(request: ApiRequest): Promise<unknown> {
    const { timeoutMs = defaultTimeoutMs } = this.options;
    const { status, text } = await this.answer(request, timeoutMs);
    if (status >= 300) throw errorFrom(status, text);
    return this.parsed(text);
  }

  /** Opens a response that goes on and on. @throws ApiError, or Fault `API_UNREACHABLE` */
  async stream(path: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    const response = await this.open({ method: 'GET', path }, { agent: this.watches, signal });
    const status = response.statusCode ?? 0;
    if (status >= 300) throw errorFrom(status, await this.reading(response));
    return response;
  }

  close(): void {
    this.requests.destroy();
    this.watches.destroy();
  }

  private async answer(request: ApiRequest, timeoutMs: number): Promise<Answer> {
    const limit = new AbortController();
    // Not the socket's own time-out, which an answer that drips one byte a minute never meets.
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    try {
      const { signal } = limit;
      const response = await this.open(request, { agent: this.requests, signal });
      return { status: response.statusCode ?? 0, text: await this.reading(response) };
    } catch (error) {
      throw limit.signal.aborted ? timedOut(this.options.server, request, timeoutMs) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  private open(
    { method, path, body, contentType = 'application/json' }: ApiRequest,
    how: { readonly agent: http.Agent; readonly signal?: AbortSignal },
  ): Promise<http.IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = this.library.request(this.urlOf(path), {
        ...how,
        method,
        headers: {
          accept: 'application/json',
          'user-agent': userAgent,
          ...(text === undefined
            ? {}
            : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
          ...(this.options.token === undefined
            ? {}
            : { authorization: `Bearer ${this.options.token}` }),
        },
      });
      request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveMs));
      request.on('response', resolve);
      request.on('error', (error) => reject(unreachable(this.options.server, error)));
      request.end(text);
    });
  }

  /** The server may stand below a path, as behind a proxy. */
  private urlOf(path: string): URL {
    return new URL(this.base.pathname.replace(/\/$/, '') + path, this.base);
  }

  /** A page of something else that listens at the address, such as a login, is no answer of an API server. */
  private parsed(text: string): unknown {
    try {
      return text === '' ? {} : JSON.parse(text);
    } catch (error) {
      throw unreachable(this.options.server, error);
    }
  }

  private async reading(response: http.IncomingMessage): Promise<string> {
    try {
      return await readAll(response);
    } catch (error) {
      throw unreachable(this.options.server, error);
    }
  }
}
