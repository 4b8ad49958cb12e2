import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AnyObject } from '../../kube/index.ts';
import type { TestServer } from './api-server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  readonly object: AnyObject & { readonly message?: string; readonly reason?: string };
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Instead of the administrator's certificate. */
  readonly token?: string;
  readonly isAnonymous?: boolean;
}

function credentials({ pki }: TestServer, { isAnonymous, token }: Ask): RequestOptions {
  if (isAnonymous === true || token !== undefined) return {};
  return { cert: pki.admin.certificate, key: pki.admin.key };
}

function bodyOf(body: unknown): string | Buffer | undefined {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) return body;
  return JSON.stringify(body);
}

/** Sends one HTTP/1.1 request over TLS that checks the server's certificate. */
export async function ask(server: TestServer, path: string, options: Ask = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, token } = options;
  const request = httpsRequest({
    host: '127.0.0.1',
    port: server.port,
    path,
    method,
    agent: false,
    ca: server.pki.ca.certificate,
    ...credentials(server, options),
    headers: {
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  request.end(bodyOf(options.body));
  const [response] = await once(request, 'response');
  const body = await text(response);
  const isJson = /json/.test(String(response.headers['content-type']));
  return {
    status: response.statusCode,
    headers: response.headers,
    text: body,
    object: isJson ? JSON.parse(body) : {},
  };
}

/** Opens an HTTP/2 connection as the administrator, as kubectl does. */
export function openHttp2({ port, pki }: TestServer): ClientHttp2Session {
  return connect(`https://127.0.0.1:${port}`, {
    ca: pki.ca.certificate,
    cert: pki.admin.certificate,
    key: pki.admin.key,
  });
}

/** Reads the lines of a watch on an HTTP/2 connection; ends when the caller stops reading. */
export async function* watchLines(
  session: ClientHttp2Session,
  path: string,
  headers: Record<string, string> = {},
): AsyncGenerator<{ type: string; object: AnyObject }> {
  const stream = session.request({ ':path': path, ...headers });
  let rest = '';
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line);
    }
  } finally {
    stream.close();
  }
}
