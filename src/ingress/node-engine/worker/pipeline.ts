import {
  hostName,
  judgeRequest,
  sitesFor,
  type Backend,
  type ExternalAuth,
  type RequestVerdict,
  type RoutePolicy,
} from '../../../routes/index.ts';
import { declaresTooMuch } from './body.ts';
import type { UpstreamChooser } from './choose-upstream.ts';
import { checkCertificate } from './client-certificate.ts';
import { corsHeaders, isPreflight } from './cors.ts';
import type { Exchange } from './exchange.ts';
import type { ExternalAuthenticator } from './external-auth.ts';
import { Forwarding } from './forward.ts';
import { isAmbiguous } from './headers.ts';
import type { RequestLimits } from './limits.ts';
import type { Mirror } from './mirror.ts';
import { checkBasic, checkDigest } from './passwords.ts';
import type { LiveTable } from '../table-delta.ts';
import type { UpstreamPools } from './upstream-pools.ts';

/** What requests are answered with. */
export interface Workshop {
  readonly table: LiveTable;
  readonly pools: UpstreamPools;
  readonly chooser: UpstreamChooser;
  readonly limits: RequestLimits;
  readonly external: ExternalAuthenticator;
  readonly mirror: Mirror;
}

/** A verdict to forward, on its way through the checks. */
interface Passage {
  readonly backend: Backend;
  readonly target: string;
  readonly policy: Partial<RoutePolicy>;
  /** Headers for the upstream: name, value, name, value. */
  readonly extra: readonly string[];
}

/** Judges a request and notes on the exchange what came out. */
export function judge(exchange: Exchange, { table }: Workshop): RequestVerdict {
  const verdict: RequestVerdict = isAmbiguous(exchange)
    ? { action: 'respond', reason: 'BAD_REQUEST', status: 400 }
    : judgeRequest(table, exchange.facts);
  exchange.route = verdict.route;
  exchange.reason = verdict.reason;
  exchange.backend = verdict.backend?.id;
  return verdict;
}

/** Answers one request, in the order of nginx's phases: redirects, limits, who may, then the upstream. */
export function handle(exchange: Exchange, workshop: Workshop): void {
  const verdict = judge(exchange, workshop);
  const passage = admit(exchange, verdict, workshop);
  if (passage === undefined) return;
  const { externalAuth } = passage.policy;
  if (externalAuth === undefined) {
    proceed(exchange, passage, workshop);
    return;
  }
  askFirst(exchange, externalAuth, workshop)
    .then((extra) => {
      if (extra !== undefined) {
        proceed(exchange, { ...passage, extra: [...passage.extra, ...extra] }, workshop);
      }
      return extra;
    })
    // As where nobody was asked: a request that cannot be answered ends alone.
    .catch(() => exchange.response.destroy());
}

/**
 * Asks whoever has to be asked. @returns headers for the upstream: name, value, name, value; undefined when the request
 * has its answer already
 */
export async function askFirst(
  exchange: Exchange,
  auth: ExternalAuth,
  { external }: Workshop,
): Promise<readonly string[] | undefined> {
  try {
    const answer = await external.ask(exchange, auth);
    if (exchange.isOver) return undefined;
    if (answer.admits) return answer.headers;
    exchange.respond(answer.status, answer.headers);
  } catch {
    // Who cannot be asked has not admitted anybody.
    exchange.respond(500);
  }
  return undefined;
}

/**
 * What can be decided at once. @returns undefined when the request has its answer already
 */
export function admit(
  exchange: Exchange,
  verdict: RequestVerdict,
  { limits, table }: Workshop,
): Passage | undefined {
  const { site, route, backend, target = '/' } = verdict;
  const policy: Partial<RoutePolicy> = route?.policy ?? {};
  const extra: string[] = [];
  for (const [name, value] of policy.responseHeaders ?? []) {
    exchange.extraHeaders[name.toLowerCase()] = value;
  }
  const wanted = site?.policy.clientCertificate;
  if (wanted !== undefined && verdict.reason !== 'REDIRECTED_TO_HTTPS') {
    const check = checkCertificate(exchange, wanted, authorityFor(exchange, table));
    if (!check.admits) {
      exchange.respond(
        check.status,
        check.location === undefined ? {} : { location: check.location },
      );
      return undefined;
    }
    extra.push(...check.headers);
  }
  if (verdict.action === 'redirect') {
    exchange.redirect(verdict.status ?? 302, verdict.location ?? '/');
    return undefined;
  }
  if (policy.limits !== undefined && !limits.admits(exchange, policy.limits)) {
    exchange.respond(503);
    return undefined;
  }
  if (policy.cors !== undefined) {
    Object.assign(exchange.extraHeaders, corsHeaders(policy.cors, exchange.facts));
    if (isPreflight(exchange.facts)) {
      exchange.respond(204);
      return undefined;
    }
  }
  if (!checkPassword(exchange, policy)) return undefined;
  if (verdict.action === 'respond' || backend === undefined) {
    // Who sends what cannot be read has to begin anew.
    const isUnreadable = verdict.reason === 'BAD_REQUEST';
    exchange.respond(verdict.status ?? 500, isUnreadable ? { connection: 'close' } : {});
    return undefined;
  }
  return { backend, target, policy, extra };
}

/** What clients were asked for a certificate of when TLS was opened: that of the name they asked for then. */
function authorityFor({ arrival }: Exchange, table: LiveTable): string | undefined {
  const [site] = arrival.sni === undefined ? [] : sitesFor(table, hostName(arrival.sni));
  return site?.policy.clientCertificate?.ca;
}

function checkPassword(
  exchange: Exchange,
  { basicAuth, digestAuth }: Partial<RoutePolicy>,
): boolean {
  const admission =
    (basicAuth && checkBasic(exchange, basicAuth)) ??
    (digestAuth && checkDigest(exchange, digestAuth));
  if (admission === undefined || admission.admits) return true;
  const { status, challenge } = admission;
  exchange.respond(status, challenge === undefined ? {} : { 'www-authenticate': challenge });
  return false;
}

function proceed(exchange: Exchange, passage: Passage, workshop: Workshop): void {
  const { backend, target, policy, extra } = passage;
  if (declaresTooMuch(exchange.request, policy.maxBodyBytes ?? 0)) {
    exchange.respond(413, { connection: 'close' });
    return;
  }
  if (policy.mirror !== undefined) workshop.mirror.copy(exchange, policy.mirror);
  const upstreams = workshop.chooser.order(backend, policy, exchange);
  const errorBackend = workshop.table.backends.get(policy.customErrors?.backendId ?? '');
  const onCustomError =
    errorBackend === undefined || errorBackend.upstreams.length === 0
      ? undefined
      : (status: number): void => answerError(exchange, { status, errorBackend, workshop });
  const errand = {
    exchange,
    backend,
    upstreams,
    target,
    policy,
    extraHeaders: extra,
    onCustomError,
  };
  new Forwarding(errand, workshop.pools).start();
}

interface ErrorAnswer {
  readonly status: number;
  readonly errorBackend: Backend;
  readonly workshop: Workshop;
}

/** Asks the error backend for its page, told about the request as ingress-nginx tells it. */
function answerError(exchange: Exchange, { status, errorBackend, workshop }: ErrorAnswer): void {
  const { facts, route } = exchange;
  const [namespace = '', name = ''] = (route?.ref.ingress ?? '/').split('/');
  const extraHeaders = [
    ['X-Code', String(status)],
    ['X-Format', facts.headers.get('accept') ?? '*/*'],
    ['X-Original-URI', facts.target],
    ['X-Namespace', namespace],
    ['X-Ingress-Name', name],
    ['X-Service-Name', (exchange.backend ?? '').split(':')[0]?.split('/')[1] ?? ''],
  ].flat();
  const upstreams = workshop.chooser.order(errorBackend, {}, exchange);
  const { basicAuth, digestAuth, externalAuth } = route?.policy ?? {};
  const errand = {
    exchange,
    backend: errorBackend,
    upstreams,
    target: '/',
    // What clients may not say holds towards this backend too.
    policy: { basicAuth, digestAuth, externalAuth },
    extraHeaders,
    leavesBody: true,
  };
  new Forwarding(errand, workshop.pools).start();
}
