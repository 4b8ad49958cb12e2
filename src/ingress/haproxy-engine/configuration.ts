import { join } from 'node:path';
import { accessLogFormat, EMBEDDED_SERVER } from './access-lines.ts';
import { defaults } from './hand-over.ts';
import { DRAWS, HANDED_OVER } from './route-entries.ts';

/** Files and sockets of one engine; generations have an admin socket of their own. */
export interface EngineFiles {
  readonly directory: string;
  readonly access: string;
  readonly routes: string;
  readonly names: string;
  readonly certificates: string;
  /** Where TLS that is to be opened goes when names are looked at before. */
  readonly inner: string;
  readonly admin: string;
}

export function filesOf(directory: string, generation: number): EngineFiles {
  return {
    directory,
    access: join(directory, 'access'),
    routes: join(directory, 'routes.map'),
    names: join(directory, 'names.map'),
    certificates: join(directory, 'certificates.list'),
    inner: join(directory, `inner-${generation}`),
    admin: join(directory, `admin-${generation}`),
  };
}

/** What a configuration is made of: numbers and paths of our own, nothing that a user writes. */
export interface Structure {
  readonly files: EngineFiles;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly proxyProtocol: boolean;
  readonly hasIpv6: boolean;
  /** How many backends there can be until another process has to take over. */
  readonly slots: number;
  /** Some site passes TLS through or asks for certificates: names are looked at before TLS is opened. */
  readonly looksAtNames: boolean;
  /** Ports of the embedded engine on 127.0.0.1. */
  readonly embedded: { readonly http: number; readonly https: number };
}

export function slotName(index: number): string {
  return `s${index}`;
}

/** How a slot's server that is the embedded engine is declared, and that of the backend for all that is handed over. */
export function embeddedServer(port: number): string {
  return `127.0.0.1:${port} send-proxy-v2-ssl`;
}

/** The whole configuration: made once, and again only for another structure. */
export function configurationOf(structure: Structure): string {
  const slots = Array.from(
    { length: structure.slots },
    (_, at) => `backend ${slotName(at)} from slot`,
  );
  return [
    globalSection(structure),
    ...defaultsSections(structure),
    ...frontends(structure),
    embeddedBackends(structure),
    ...slots,
    '',
  ].join('\n');
}

function section(head: string, lines: readonly string[]): string {
  return [head, ...lines.map((line) => `  ${line}`)].join('\n');
}

function globalSection({ files }: Structure): string {
  const own = section('global', [
    'nbthread 1',
    `stats socket ${files.admin} mode 600 level admin expose-fd listeners`,
    'stats timeout 20d',
    'log ring@access len 16384 local0 info',
    'ssl-default-bind-options ssl-min-ver TLSv1.2',
    'tune.http.maxhdr 256',
  ]);
  const ring = section('ring access', [
    'format raw',
    'maxlen 16384',
    'size 4194304',
    'timeout connect 1s',
    'timeout server 5s',
    `server here uxst@${files.access}`,
  ]);
  return `${own}\n${ring}`;
}

/** Statuses that HAProxy answers by itself; 503 is its word for upstreams that cannot be reached. */
export const errorPages = [
  { asked: 400, answered: 400 },
  { asked: 408, answered: 408 },
  { asked: 500, answered: 500 },
  { asked: 502, answered: 502 },
  { asked: 503, answered: 502 },
  { asked: 504, answered: 504 },
] as const;

export function errorFile({ directory }: EngineFiles, status: number): string {
  return join(directory, `${status}.http`);
}

/** What clients may not say in the proxy's place, and what is of a connection only. */
const dropped = [
  'x-(real-ip|request-id|scheme|original-forwarded-for|forwarded-(for|host|port|proto|scheme|prefix))',
  'ssl-client-(cert|verify|subject-dn|issuer-dn)',
  'keep-alive|proxy-connection|proxy-authenticate|te|trailer|http2-settings',
  // Upstreams in the manner of CGI confuse these with others.
  '.*_.*',
].join('|');

const idempotent = 'GET HEAD OPTIONS TRACE PUT DELETE';

/** What is of the way to the upstream. */
const slotRules = [
  `http-request disable-l7-retry unless { method ${idempotent} }`,
  'http-request set-timeout server var(txn.patience) if { var(txn.patience) -m found }',
  'http-request set-timeout tunnel var(txn.patience) if { var(txn.patience) -m found }',
  'http-response del-header keep-alive',
];

/** Headers towards the upstream, as the embedded engine writes them. */
function headerRules(scheme: 'http' | 'https', port: number): string[] {
  return [
    'http-request set-var(txn.id) req.hdr(x-request-id) if { req.hdr(x-request-id) -m reg ^[A-Za-z0-9_.-]{1,128}$ }',
    'http-request set-var(txn.id) uuid() unless { var(txn.id) -m found }',
    'http-request set-var(txn.via) req.fhdr(x-forwarded-for) if { req.hdr(x-forwarded-for) -m found }',
    `http-request del-header ^(${dropped})$ -m reg`,
    'http-request add-header X-Request-ID %[var(txn.id)]',
    'http-request add-header X-Real-IP %[src]',
    'http-request add-header X-Forwarded-For %[src]',
    'http-request add-header X-Forwarded-Host %[req.hdr(host)]',
    `http-request add-header X-Forwarded-Port ${port}`,
    `http-request add-header X-Forwarded-Proto ${scheme}`,
    `http-request add-header X-Forwarded-Scheme ${scheme}`,
    `http-request add-header X-Scheme ${scheme}`,
    'http-request add-header X-Original-Forwarded-For %[var(txn.via)] if { var(txn.via) -m found }',
  ];
}

function defaultsSections({ files }: Structure): string[] {
  const pages = errorPages.map(({ asked }) => `errorfile ${asked} ${errorFile(files, asked)}`);
  const { connect, read } = defaults.timeouts;
  const door = ['mode http', 'log global', 'timeout client 75s', 'timeout http-request 30s'];
  const slot = [
    'mode http',
    'balance roundrobin',
    `timeout connect ${connect}`,
    `timeout server ${read}`,
    `timeout tunnel ${read}`,
    'option redispatch 1',
    `retries ${defaults.tries - 1}`,
    'retry-on conn-failure empty-response response-timeout',
    ...pages,
    ...slotRules,
  ];
  // The embedded engine has time limits of its own.
  const patient = ['timeout connect 5s', 'timeout client 24h', 'timeout server 24h'];
  return [
    section('defaults door', [...door, ...pages]),
    section('defaults slot', slot),
    section('defaults tunnel', ['mode tcp', ...patient]),
    section('defaults handing', ['mode http', ...patient, 'timeout tunnel 24h', ...pages]),
  ];
}

/** Whether a request can be judged by comparing bytes; what is not plain is the embedded engine's. */
const plainness = [
  'acl one_host req.fhdr_cnt(host) eq 1',
  'acl sane_host req.hdr(host) -m reg ^[A-Za-z0-9_[.-][A-Za-z0-9_.:[\\]-]*$',
  'acl odd_path path -m sub % // /.',
  'acl says_connection req.hdr(connection) -m found',
  'acl usual_connection req.fhdr(connection) -i -m str keep-alive close upgrade "keep-alive, upgrade"',
  // A body of unknown length cannot be refused before it is too long.
  'acl unknown_length req.hdr(transfer-encoding) -m found',
  'acl has_length req.hdr(content-length) -m found',
];

function routeRules(scheme: 'http' | 'https', port: number, { routes }: EngineFiles): string[] {
  const look = (what: string): string =>
    `http-request set-var(txn.route) ${what},map_beg(${routes})`;
  const hand = `http-request set-var(txn.route) str(${HANDED_OVER})`;
  return [
    ...plainness,
    'acl known var(txn.route) -m found',
    'acl special var(txn.route) -m end :n :r',
    `acl handed var(txn.route) -m str ${HANDED_OVER}`,
    'acl turned var(txn.to) -m found',
    // Closes the connection, which the embedded engine behind it could not.
    'http-request deny deny_status 400 unless one_host sane_host',
    // As most requests say it; else the host in lower case, without port and dot.
    'http-request set-var(txn.key) base,concat(,,?)',
    look('var(txn.key)'),
    'http-request set-var(txn.path) path unless known',
    'http-request set-var(txn.key) req.hdr(host),host_only,rtrim(.),concat(,txn.path,?) unless known',
    `${look('var(txn.key)')} unless known`,
    // The wildcard over the first label, then every name.
    `${look('var(txn.key),regsub(^[^./]*,*)')} unless known`,
    `${look('str(*),concat(,txn.path,?)')} unless known`,
    `${hand} if !known or odd_path or unknown_length`,
    `${hand} if says_connection !usual_connection`,
    `${hand} if !{ method GET HEAD } { fc_http_major 2 } !has_length`,
    `${hand} if !special { req.hdr_val(content-length) gt ${defaults.maxBodyBytes} }`,
    ...specialRules(scheme, hand),
    'http-request set-log-level silent if handed',
    // What is handed over goes as it came.
    'http-request allow if handed',
    ...headerRules(scheme, port),
    'use_backend embedded if handed',
    'use_backend %[var(txn.to)] if turned',
    'use_backend %[var(txn.route),field(1,:)]',
    'default_backend embedded',
  ];
}

/** For routes whose value says more than where they lead. */
function specialRules(scheme: 'http' | 'https', hand: string): string[] {
  const redirect = `http-request redirect code ${defaults.httpsRedirect} location https://%[req.hdr(host),host_only,rtrim(.)]%[pathq]`;
  return [
    'http-request set-var(txn.limit) var(txn.route),field(3,:) if special has_length',
    `${hand} if special has_length { req.hdr_val(content-length),sub(txn.limit) gt 0 }`,
    ...(scheme === 'http' ? [`${redirect} if special { var(txn.route) -m end :r }`] : []),
    'http-request set-var(txn.patience) var(txn.route),field(4,:) if special',
    'http-request set-var(txn.share) var(txn.route),field(5,:) if special',
    `http-request set-var(txn.to) var(txn.route),field(6,:) if special { rand(${DRAWS}),sub(txn.share) lt 0 }`,
  ];
}

function binds({ hasIpv6, proxyProtocol }: Structure, port: number, options: string): string[] {
  const accept = proxyProtocol ? ' accept-proxy' : '';
  const ipv6 = hasIpv6 ? [`bind :::${port} v6only backlog 4096${accept}${options}`] : [];
  return [`bind 0.0.0.0:${port} backlog 4096${accept}${options}`, ...ipv6];
}

function frontends(structure: Structure): string[] {
  const { files, httpPort, httpsPort, looksAtNames } = structure;
  const tls = ` ssl crt-list ${files.certificates} alpn h2,http/1.1`;
  const open = looksAtNames
    ? [`bind ${files.inner} accept-proxy${tls}`]
    : binds(structure, httpsPort, tls);
  const http = [...binds(structure, httpPort, ''), `log-format "${accessLogFormat('http')}"`];
  const https = [...open, `log-format "${accessLogFormat('https')}"`];
  const sections = [
    section('frontend http from door', [...http, ...routeRules('http', httpPort, files)]),
    section('frontend https from door', [...https, ...routeRules('https', httpsPort, files)]),
  ];
  return looksAtNames ? [...sections, namesSection(structure)] : sections;
}

/** Looks at the name of a TLS hello; what is passed through or asks for certificates goes on unopened. */
function namesSection(structure: Structure): string {
  const { files, httpsPort } = structure;
  const find = (what: string): string =>
    `tcp-request content set-var(sess.site) ${what},map_str(${files.names})`;
  const unknown = 'unless { var(sess.site) -m found }';
  return [
    section('frontend names from tunnel', [
      ...binds(structure, httpsPort, ''),
      'tcp-request inspect-delay 10s',
      'tcp-request content reject if { req.ssl_hello_type 2 }',
      'tcp-request content accept if !{ req.ssl_hello_type 1 } WAIT_END',
      find('req.ssl_sni,lower,rtrim(.)'),
      `${find('req.ssl_sni,lower,rtrim(.),regsub(^[^.]*,*)')} ${unknown}`,
      `${find('str(*)')} ${unknown}`,
      'tcp-request content accept if { req.ssl_hello_type 1 }',
      'use_backend sealed if { var(sess.site) -m str embedded }',
      'default_backend inner',
    ]),
    section('backend inner from tunnel', [`server inner ${files.inner} send-proxy-v2`]),
  ].join('\n');
}

function embeddedBackends({ embedded }: Structure): string {
  return [
    section('backend embedded from handing', [
      `server ${EMBEDDED_SERVER} ${embeddedServer(embedded.http)}`,
    ]),
    section('backend sealed from tunnel', [
      `server ${EMBEDDED_SERVER} 127.0.0.1:${embedded.https} send-proxy-v2`,
    ]),
  ].join('\n');
}
