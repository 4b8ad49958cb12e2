import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Secret } from '../kube/index.ts';
import type { Certificate } from './contract.ts';

/** A Secret's certificate, or what is wrong with it. */
export type CertificateReading =
  | { readonly certificate: Certificate; readonly leaf: X509Certificate }
  | { readonly problem: string };

const readings = new WeakMap<Secret, CertificateReading>();

/** Reads `tls.crt` and `tls.key` of a Secret; once for each version of it. */
export function readCertificate(key: string, secret: Secret): CertificateReading {
  const known = readings.get(secret);
  if (known !== undefined) return known;
  const reading = parse(key, secret);
  readings.set(secret, reading);
  return reading;
}

function parse(secret: string, { data = {} }: Secret): CertificateReading {
  const [chain, key] = ['tls.crt', 'tls.key'].map((name) =>
    data[name] === undefined ? undefined : Buffer.from(data[name], 'base64').toString('utf8'),
  );
  if (!chain) return { problem: 'it has no "tls.crt"' };
  if (!key) return { problem: 'it has no "tls.key"' };
  try {
    const leaf = new X509Certificate(chain);
    const isPair = leaf.checkPrivateKey(createPrivateKey(key));
    if (!isPair) return { problem: '"tls.key" does not belong to "tls.crt"' };
    return { certificate: { secret, chain, key }, leaf };
  } catch (error) {
    return { problem: `it cannot be read: ${(error as Error).message}` };
  }
}

/** Whether a certificate is for a host, wildcards of either side understood. */
export function coversHost(leaf: X509Certificate, host: string): boolean {
  if (host === '') return true;
  // A wildcard host is covered by the same wildcard: ask for some name below it.
  return leaf.checkHost(host.startsWith('*') ? `any${host.slice(1)}` : host) !== undefined;
}
