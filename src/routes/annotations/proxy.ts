import type { BackendProtocol, Retry, RoutePolicy, Timeouts } from '../policy.ts';
import type { Family, References } from './family.ts';
import type { AnnotationReader } from './reader.ts';

const SECOND = 1000;
/** ingress-nginx's default of proxy-body-size. */
const BODY_BYTES = 1024 ** 2;

const protocols: Readonly<Record<string, BackendProtocol>> = {
  HTTP: 'http',
  HTTPS: 'https',
  AUTO_HTTP: 'auto',
  GRPC: 'grpc',
  GRPCS: 'grpcs',
};

function timeoutsOf(reader: AnnotationReader): Timeouts {
  const seconds = (name: string, fallback: number): number =>
    (reader.integer(name, { min: 1, max: 86_400 * 365 }) ?? fallback) * SECOND;
  return {
    connect: seconds('proxy-connect-timeout', 5),
    send: seconds('proxy-send-timeout', 60),
    read: seconds('proxy-read-timeout', 60),
  };
}

/** What may stand in proxy-next-upstream. */
const outcomes = new Map<string, Retry['on'][number]>([
  ['error', 'error'],
  ['timeout', 'timeout'],
  ['non_idempotent', 'non-idempotent'],
  ...[403, 404, 429, 500, 502, 503, 504].map((code) => [`http_${code}`, code] as const),
]);

function retryOf(reader: AnnotationReader): Retry {
  const words = reader.text('proxy-next-upstream')?.split(/\s+/u) ?? ['error', 'timeout'];
  const isOff = words.includes('off');
  const wrong = words.find((word) => word !== 'off' && !outcomes.has(word));
  if (wrong !== undefined) reader.bad('proxy-next-upstream', `"${wrong}" is not known here`);
  const on = words.map((word) => outcomes.get(word)).filter((outcome) => outcome !== undefined);
  return {
    on: isOff ? [] : on,
    tries: reader.integer('proxy-next-upstream-tries') ?? 3,
    timeout: (reader.integer('proxy-next-upstream-timeout') ?? 0) * SECOND,
  };
}

function upstreamTlsOf(
  reader: AnnotationReader,
  references: References,
): RoutePolicy['upstreamTls'] {
  const reference = reader.text('proxy-ssl-secret');
  const verify = reader.flag('proxy-ssl-verify') ?? false;
  const name = reader.text('proxy-ssl-name');
  if (reference === undefined && !verify && name === undefined) return undefined;
  const secret =
    reference === undefined ? undefined : references.secret('proxy-ssl-secret', reference);
  const ca = secret?.data?.['ca.crt'];
  return {
    verify,
    name,
    ca: ca === undefined ? undefined : Buffer.from(ca, 'base64').toString('utf8'),
  };
}

export const proxyFamily: Family = {
  honours: {
    'backend-protocol': '`HTTP`, `HTTPS`, `AUTO_HTTP`, `GRPC` (h2c) or `GRPCS`',
    'proxy-connect-timeout': 'seconds; 5',
    'proxy-send-timeout': 'seconds between two writes; 60',
    'proxy-read-timeout': 'seconds between two reads; 60',
    'proxy-body-size': 'longest body of a request; 1m, more gets 413',
    'proxy-next-upstream': 'on what another endpoint is tried: `error timeout`',
    'proxy-next-upstream-tries': 'how many endpoints at most; 3',
    'proxy-next-upstream-timeout': 'seconds for all tries; 0 does not limit',
    'proxy-ssl-secret': 'Secret with `ca.crt` that upstream certificates are checked against',
    'proxy-ssl-verify': '`on` checks them',
    'proxy-ssl-name': 'the name asked for and checked',
  },
  read(reader, references) {
    const names = ['HTTP', 'HTTPS', 'AUTO_HTTP', 'GRPC', 'GRPCS'] as const;
    const protocol = reader.choice('backend-protocol', names);
    return {
      protocol: protocol === undefined ? undefined : protocols[protocol],
      route: {
        timeouts: timeoutsOf(reader),
        maxBodyBytes: reader.bytes('proxy-body-size') ?? BODY_BYTES,
        retry: retryOf(reader),
        upstreamTls: upstreamTlsOf(reader, references),
      },
    };
  },
};

function statusesOf(reader: AnnotationReader): number[] | undefined {
  const statuses = reader.list('custom-http-errors')?.map(Number);
  const areErrors = statuses?.every((code) => Number.isInteger(code) && code >= 400 && code < 600);
  return areErrors === false
    ? reader.bad('custom-http-errors', 'must be statuses from 400 to 599, between commas')
    : statuses;
}

export const errorsFamily: Family = {
  honours: {
    'custom-http-errors':
      'statuses that the default backend answers instead, told by X-Code and other headers',
    'default-backend': 'Service that answers these, and where a backend has no endpoints',
  },
  read: (reader) => ({
    customErrors: statusesOf(reader),
    defaultService: reader.text('default-backend'),
  }),
};

export const headersFamily: Family = {
  honours: {
    'custom-headers': 'ConfigMap with headers that every answer gets',
    'mirror-target': 'a copy of every request goes to this URL; its answers are thrown away',
    'mirror-request-body': '`off` leaves the body out of the copy',
    'ssl-passthrough': 'TLS for the host goes unopened to the backend',
  },
  read(reader, references) {
    const reference = reader.text('custom-headers');
    const headers =
      reference === undefined
        ? undefined
        : reader.headers('custom-headers', references.configMap('custom-headers', reference)?.data);
    const url = reader.url('mirror-target');
    const withBody = reader.flag('mirror-request-body') ?? true;
    return {
      passthrough: reader.flag('ssl-passthrough'),
      route: {
        responseHeaders: headers,
        mirror: url === undefined ? undefined : { url, withBody },
      },
    };
  },
};
