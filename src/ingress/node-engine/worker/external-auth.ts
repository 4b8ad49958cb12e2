import { Agent } from 'undici';
import { fillVariables, type ExternalAuth } from '../../../routes/index.ts';
import type { Exchange, Headers } from './exchange.ts';
import { requestHeaders } from './headers.ts';

const TIMEOUT_MS = 10_000;

/** What the other side said. */
export type ExternalAnswer =
  /** Headers for the upstream: name, value, name, value. */
  | { readonly admits: true; readonly headers: readonly string[] }
  | { readonly admits: false; readonly status: number; readonly headers: Headers };

/** Asks another service whether a request may go on (ingress-nginx's `auth-url`). */
export class ExternalAuthenticator {
  private readonly agent = new Agent({
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    connect: { timeout: TIMEOUT_MS, rejectUnauthorized: false },
  });

  /** @throws Error when nobody answers, in time */
  async ask(exchange: Exchange, auth: ExternalAuth): Promise<ExternalAnswer> {
    const { facts } = exchange;
    const url = new URL(fillVariables(auth.url, facts));
    const headers = questionHeaders(exchange, auth);
    const answer = await this.agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: auth.method ?? 'GET',
      headers,
    });
    await answer.body.dump();
    const { statusCode: status } = answer;
    // A session that the service has renewed: its cookie is the client's (as ingress-nginx has it).
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) exchange.addCookie(cookie);
    if (status >= 200 && status < 300) {
      return { admits: true, headers: passedOn(auth, answer.headers) };
    }
    if (status === 401 && auth.signin !== undefined) {
      const location = signinUrl(
        auth.signin,
        String(headers['x-original-url']),
        fillVariables(auth.signin, facts),
      );
      return { admits: false, status: 302, headers: { location } };
    }
    const challenge = answer.headers['www-authenticate'];
    const told: Headers = challenge === undefined ? {} : { 'www-authenticate': challenge };
    return {
      admits: false,
      status: status === 401 || status === 403 ? status : 500,
      headers: told,
    };
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

/** The request's own headers, without its body's, and what it was: a client says none of that in its place. */
function questionHeaders({ request, facts, id }: Exchange, auth: ExternalAuth): Headers {
  const headers: Headers = {};
  for (const [name, value] of Object.entries(requestHeaders(request))) headers[name] = value;
  Object.assign(headers, {
    'x-request-id': id,
    'x-original-url': `${facts.scheme}://${facts.host}${facts.target}`,
    'x-original-method': facts.method,
    'x-auth-request-redirect': facts.target,
    'x-real-ip': facts.client,
    'x-forwarded-for': facts.client,
    'x-sent-from': 'portolan-ingress-controller',
  });
  for (const [name, value] of auth.requestHeaders) headers[name.toLowerCase()] = value;
  return headers;
}

function passedOn(
  { responseHeaders }: ExternalAuth,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string[] {
  return responseHeaders.flatMap((name) => {
    const value = headers[name.toLowerCase()];
    return value === undefined ? [] : [name, Array.isArray(value) ? value.join(', ') : value];
  });
}

/** Where to sign in, with `rd` to come back, unless the annotation says where itself. */
function signinUrl(template: string, original: string, filled: string): string {
  if (/[?&]rd=/u.test(template)) return filled;
  return `${filled}${filled.includes('?') ? '&' : '?'}rd=${encodeURIComponent(original)}`;
}
