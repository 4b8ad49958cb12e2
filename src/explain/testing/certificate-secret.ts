import { execFileSync } from 'node:child_process';
import { document } from './explaining.ts';

/** A Secret with a certificate for a host, made by openssl, as one document of YAML. */
export function createCertificateSecret(name: string, host: string): string {
  const key = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2';
  const names = `-subj /CN=${host} -addext subjectAltName=DNS:${host} -keyout - -out -`;
  const pem = execFileSync('openssl', `${key} ${names}`.split(' '), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const part = (label: string): string =>
    new RegExp(`-----BEGIN ${label}-----[^]*?-----END ${label}-----\n`, 'u').exec(pem)?.[0] ?? '';
  return document({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name },
    stringData: { 'tls.crt': part('CERTIFICATE'), 'tls.key': part('PRIVATE KEY') },
  });
}
