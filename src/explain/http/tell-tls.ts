import type { Finding } from '../../routes/index.ts';
import type { ObjectId } from '../contract.ts';
import type { Teller, Told } from '../hops/telling.ts';
import type { Judged } from './judged.ts';

function secretId(key: string): ObjectId {
  const [namespace = '', name = ''] = key.split('/');
  return { kind: 'Secret', namespace, name };
}

/** Which certificate answers; undefined for http, which has none. */
export function tellTls(
  teller: Teller,
  { request, name, isUnopened, certificate }: Judged,
  findings: readonly Finding[],
): Told | undefined {
  if (request.scheme === 'http') return undefined;
  if (isUnopened) {
    const sentence = `TLS for ${name} goes to the backend unopened (ssl-passthrough)`;
    return teller.tell(['tls', 'passes', 'TLS_PASSED_ON'], sentence);
  }
  const details = findings.map(({ ingress, field, message }) =>
    teller.detail(`Ingress ${ingress}, ${field}: ${message}`),
  );
  if (certificate?.secret === undefined) {
    const sentence = `no Secret has a certificate for ${name}: the self-signed one answers, which clients refuse unless told not to`;
    return teller.tell(['tls', 'passes', 'FALLBACK_CERTIFICATE'], sentence, { details });
  }
  const object = secretId(certificate.secret);
  const sentence = `Secret ${certificate.secret} has the certificate for ${name}`;
  return teller.tell(['tls', 'passes', 'SECRET_CERTIFICATE'], sentence, { object, details });
}
