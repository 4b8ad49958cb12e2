import type { EngineFiles, Structure } from './configuration.ts';
import { defaults } from './hand-over.ts';
import { DRAWS, HANDED_OVER, KINDS } from './route-entries.ts';

/** What clients may not say in the proxy's place, and what is of a connection only. */
const dropped = [
  'x-(?:real-ip|request-id|scheme|original-forwarded-for)',
  'x-forwarded-(?:for|host|port|proto|scheme|prefix)',
  'ssl-client-(?:cert|verify|subject-dn|issuer-dn)',
  'keep-alive|proxy-connection|proxy-authenticate|te|trailer|http2-settings',
  // Upstreams in the manner of CGI confuse these with others.
  '[^,]*_[^,]*',
].join('|');

/** Names of headers, between commas, that have to be looked at: the above, a body's length, a second host. */
const lookedAt = `(?:^|,)(?:${dropped}|content-length|transfer-encoding|host,(?:.*,)?host)(?:,|$)`;

const idempotent = 'GET HEAD OPTIONS TRACE PUT DELETE';

/**
 * Nearly all requests are plain: they hit the map as they are written, and need none of the rules for others. Each rule
 * costs as much as a header, so that these requests leave the list with a single one.
 */
const plainness = [
  `acl usual var(txn.route) -m beg ${KINDS.usual}:`,
  // No key has such a path, but what follows a key may; and a client may not name a wildcard's key.
  'acl odd_path path -m sub % // /.',
  'acl odd_host req.hdr(host) -m sub / *',
  `acl odd_names req.hdr_names -m reg ${lookedAt}`,
  'acl odd_connection req.fhdr(connection) -i -m reg ^(?!(?:keep-alive|close|upgrade|keep-alive,\\ upgrade)$)',
  'http-request allow if usual { method GET HEAD } !odd_path !odd_host !odd_names !odd_connection',
];

/** Leads a request to the backend that its name, its path and what it carries ask for. */
export function routeRules(scheme: 'http' | 'https', { routes }: EngineFiles): string[] {
  const look = (what: string): string =>
    `http-request set-var(txn.route) ${what},map_beg(${routes})`;
  const hand = `http-request set-var(txn.route) str(${HANDED_OVER})`;
  return [
    // As most requests say it.
    'http-request set-var(txn.key) base,concat(,,?)',
    look('var(txn.key)'),
    ...plainness,
    'acl one_host req.fhdr_cnt(host) eq 1',
    'acl sane_host req.hdr(host) -m reg ^[A-Za-z0-9_[.-][A-Za-z0-9_.:[\\]-]*$',
    // A body of unknown length cannot be refused before it is too long.
    'acl unknown_length req.hdr(transfer-encoding) -m found',
    'acl has_length req.hdr(content-length) -m found',
    'acl known var(txn.route) -m found',
    `acl special var(txn.route) -m beg ${KINDS.special}: ${KINDS.toHttps}:`,
    // Closes the connection, which the embedded engine behind it could not.
    'http-request deny deny_status 400 unless one_host sane_host',
    // The host in lower case, without port and dot; the wildcard over the first label; every name.
    'http-request set-var(txn.path) path unless known',
    'http-request set-var(txn.key) req.hdr(host),host_only,rtrim(.),concat(,txn.path,?) unless known',
    `${look('var(txn.key)')} unless known`,
    `${look('var(txn.key),regsub(^[^./]*,*)')} unless known`,
    `${look('str(*),concat(,txn.path,?)')} unless known`,
    `${hand} if !known or odd_path or unknown_length or odd_connection`,
    `${hand} if !{ method GET HEAD } { fc_http_major 2 } !has_length`,
    `${hand} if !special { req.hdr_val(content-length) gt ${defaults.maxBodyBytes} }`,
    ...specialRules(scheme, hand),
    `acl handed var(txn.route) -m str ${HANDED_OVER}`,
    'http-request set-log-level silent if handed',
    // What is handed over goes as it came.
    'http-request allow if handed',
    ...clientHeaderRules,
    `http-request disable-l7-retry unless { method ${idempotent} }`,
    'use_backend %[var(txn.route),field(2,:)]',
    'default_backend embedded',
  ];
}

/** For routes whose value says more than where they lead. */
function specialRules(scheme: 'http' | 'https', hand: string): string[] {
  const redirect = `http-request redirect code ${defaults.httpsRedirect} location https://%[req.hdr(host),host_only,rtrim(.)]%[pathq]`;
  const toHttps = `{ var(txn.route) -m beg ${KINDS.toHttps}: }`;
  const field = (name: string, at: number): string =>
    `http-request set-var(txn.${name}) var(txn.route),field(${at},:) if special`;
  return [
    field('limit', 4),
    `${hand} if special has_length { req.hdr_val(content-length),sub(txn.limit) gt 0 }`,
    ...(scheme === 'http' ? [`${redirect} if ${toHttps}`] : []),
    field('patience', 5),
    field('share', 6),
    field('to', 7),
    field('ref', 3),
    `http-request set-var(txn.route) str(${KINDS.canary}:),concat(,txn.to,:),concat(,txn.ref) if special { rand(${DRAWS}),sub(txn.share) lt 0 }`,
  ];
}

/** Keeps of a client's own headers what may go on. */
const clientHeaderRules = [
  'http-request set-var(txn.id) req.hdr(x-request-id) if { req.hdr(x-request-id) -m reg ^[A-Za-z0-9_.-]{1,128}$ }',
  'http-request set-var(txn.via) req.fhdr(x-forwarded-for) if { req.hdr(x-forwarded-for) -m found }',
  `http-request del-header ^(?:${dropped})$ -m reg if odd_names`,
  'http-request add-header X-Original-Forwarded-For %[var(txn.via)] if { var(txn.via) -m found }',
];

/** Headers towards the upstream, as the embedded engine writes them. */
export function headerRules({ httpPort, httpsPort }: Structure): string[] {
  const byScheme = (https: number | string, http: number | string): string =>
    `%[ssl_fc,iif(${https},${http})]`;
  return [
    'http-request set-var(txn.id) uuid() unless { var(txn.id) -m found }',
    'http-request add-header X-Request-ID %[var(txn.id)]',
    'http-request add-header X-Real-IP %ci',
    'http-request add-header X-Forwarded-For %ci',
    'http-request add-header X-Forwarded-Host %[req.hdr(host)]',
    `http-request add-header X-Forwarded-Port ${byScheme(httpsPort, httpPort)}`,
    `http-request add-header X-Forwarded-Proto ${byScheme('https', 'http')}`,
    `http-request add-header X-Forwarded-Scheme ${byScheme('https', 'http')}`,
    `http-request add-header X-Scheme ${byScheme('https', 'http')}`,
  ];
}
