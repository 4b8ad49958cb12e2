import type { Secret } from '../../kube/index.ts';
import type { ClientCertificate, Credentials, ExternalAuth } from '../policy.ts';
import type { Family, References } from './family.ts';
import type { AnnotationReader } from './reader.ts';

function decoded(secret: Secret | undefined, key: string): string | undefined {
  const value = secret?.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}

/** The users of an htpasswd or htdigest file: `name:rest`. */
function usersOfFile(text: string): Map<string, string> {
  const users = new Map<string, string>();
  for (const line of text.split('\n').map((line) => line.trim())) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) users.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return users;
}

/** `auth-file`: one key `auth` with the whole file; `auth-map`: a key for each user. */
function usersOf(secret: Secret | undefined, type: 'auth-file' | 'auth-map'): Credentials['users'] {
  if (secret === undefined) return undefined;
  if (type === 'auth-map') {
    return new Map(
      Object.keys(secret.data ?? {}).map((user) => [user, decoded(secret, user)?.trim() ?? '']),
    );
  }
  const file = decoded(secret, 'auth');
  return file === undefined ? undefined : usersOfFile(file);
}

function credentialsOf(reader: AnnotationReader, references: References): Credentials | undefined {
  const reference = reader.text('auth-secret');
  if (reference === undefined) return reader.bad('auth-secret', 'auth-type needs it');
  const type = reader.choice('auth-secret-type', ['auth-file', 'auth-map']) ?? 'auth-file';
  const users = usersOf(references.secret('auth-secret', reference), type);
  return { realm: reader.headerValue('auth-realm') ?? 'Authentication Required', users };
}

/** Whoever asked for a password gets one: a Secret that cannot be read lets nobody in. */
const nobody: Credentials = { realm: 'Authentication Required' };

export const passwordFamily: Family = {
  honours: {
    'auth-type': '`basic` or `digest`; Authorization does not go on to the upstream',
    'auth-secret': 'Secret with the users; while it is missing, everybody gets 503',
    'auth-secret-type':
      '`auth-file` (one htpasswd file, key `auth`) or `auth-map` (a key for each user)',
    'auth-realm': 'what a browser shows',
  },
  read(reader, references) {
    const type = reader.choice('auth-type', ['basic', 'digest']);
    if (type === undefined) return {};
    const credentials = credentialsOf(reader, references) ?? nobody;
    return { route: type === 'basic' ? { basicAuth: credentials } : { digestAuth: credentials } };
  },
};

function headersOf(
  reader: AnnotationReader,
  references: References,
  name: string,
): (readonly [string, string])[] {
  const reference = reader.text(name);
  if (reference === undefined) return [];
  return reader.headers(name, references.configMap(name, reference)?.data);
}

function externalAuthOf(
  reader: AnnotationReader,
  references: References,
): ExternalAuth | undefined {
  const url = reader.url('auth-url');
  if (url === undefined) return undefined;
  return {
    url,
    method: reader.token('auth-method')?.toUpperCase(),
    signin: reader.url('auth-signin'),
    responseHeaders: reader.list('auth-response-headers') ?? [],
    requestHeaders: headersOf(reader, references, 'auth-proxy-set-headers'),
  };
}

export const externalAuthFamily: Family = {
  honours: {
    'auth-url':
      'asks this URL first, with the headers of the request; 2xx lets it through, 401 and 403 do not',
    'auth-method': 'method of that question; default: GET',
    'auth-signin': 'where 401 is sent instead',
    'auth-response-headers':
      'headers of the answer that go on to the upstream, in the place of the client’s own',
    'auth-proxy-set-headers': 'ConfigMap with headers for that question',
  },
  read: (reader, references) => ({ route: { externalAuth: externalAuthOf(reader, references) } }),
};

const modes = { on: 'required', optional: 'optional', optional_no_ca: 'optional-no-ca' } as const;

function clientCertificateOf(
  reader: AnnotationReader,
  references: References,
): ClientCertificate | undefined {
  const reference = reader.text('auth-tls-secret');
  const verify = reader.choice('auth-tls-verify-client', [
    'on',
    'off',
    'optional',
    'optional_no_ca',
  ]);
  if (reference === undefined || verify === 'off') return undefined;
  return {
    mode: modes[verify ?? 'on'],
    ca: decoded(references.secret('auth-tls-secret', reference), 'ca.crt'),
    errorPage: reader.url('auth-tls-error-page'),
    passToUpstream: reader.flag('auth-tls-pass-certificate-to-upstream') ?? false,
  };
}

export const clientCertificateFamily: Family = {
  honours: {
    'auth-tls-secret': 'Secret with `ca.crt`: clients need a certificate of it, for the whole host',
    'auth-tls-verify-client': '`on`, `off`, `optional` or `optional_no_ca`',
    'auth-tls-error-page': 'where clients without a good certificate are sent; else 400',
    'auth-tls-pass-certificate-to-upstream': 'sent as ssl-client-cert',
  },
  read: (reader, references) => ({
    site: { clientCertificate: clientCertificateOf(reader, references) },
  }),
};
