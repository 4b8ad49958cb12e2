import { join } from 'node:path';
import { accessLogFormat, EMBEDDED_SERVER } from './access-lines.ts';
import { defaults } from './hand-over.ts';
import { headerRules, routeRules } from './request-rules.ts';

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

function defaultsSections(structure: Structure): string[] {
  const { files } = structure;
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
    ...headerRules(structure),
    'http-request set-timeout server var(txn.patience) if { var(txn.patience) -m found }',
    'http-request set-timeout tunnel var(txn.patience) if { var(txn.patience) -m found }',
    'http-response del-header keep-alive',
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
    section('frontend http from door', [...http, ...routeRules('http', files)]),
    section('frontend https from door', [...https, ...routeRules('https', files)]),
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
