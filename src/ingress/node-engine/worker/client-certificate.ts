import type { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../../../routes/index.ts';
import type { Exchange } from './exchange.ts';

/** What a client's certificate means for a request. */
export type CertificateCheck =
  /** Headers for the upstream: name, value, name, value. */
  | { readonly admits: true; readonly headers: readonly string[] }
  | { readonly admits: false; readonly status: number; readonly location?: string };

function tlsSocketOf({ request }: Exchange): TLSSocket | undefined {
  const socket = request.socket as Partial<TLSSocket>;
  return socket.encrypted === true ? (request.socket as TLSSocket) : undefined;
}

/** Another server than the name of the handshake meant (RFC 9110 section 15.5.20): as nginx answers. */
const MISDIRECTED = 421;

/**
 * Checks the certificate that came with the handshake; the handshake itself lets everybody through. It was checked against
 * `authority` (PEM), that of the name in the handshake: a host that trusts another has no use for what came of that.
 */
export function checkCertificate(
  exchange: Exchange,
  wanted: ClientCertificate,
  authority: string | undefined,
): CertificateCheck {
  const socket = tlsSocketOf(exchange);
  const refusal = {
    admits: false,
    status: wanted.errorPage === undefined ? 400 : 302,
    location: wanted.errorPage,
  } as const;
  if (socket === undefined || wanted.ca === undefined) return { admits: false, status: 403 };
  if (authority !== wanted.ca) return { admits: false, status: MISDIRECTED };
  const certificate = socket.getPeerX509Certificate();
  const isVerified = certificate !== undefined && socket.authorized;
  const isEnough =
    isVerified ||
    (wanted.mode === 'optional' && certificate === undefined) ||
    wanted.mode === 'optional-no-ca';
  if (!isEnough) return refusal;
  const verdict = certificate === undefined ? 'NONE' : isVerified ? 'SUCCESS' : 'FAILED';
  const headers = ['ssl-client-verify', verdict];
  if (certificate !== undefined) {
    headers.push('ssl-client-subject-dn', dn(certificate.subject));
    headers.push('ssl-client-issuer-dn', dn(certificate.issuer));
    if (wanted.passToUpstream) {
      headers.push('ssl-client-cert', encodeURIComponent(certificate.toString()));
    }
  }
  return { admits: true, headers };
}

/** Node gives one attribute a line, most general first; nginx the other way round, with commas (RFC 2253). */
function dn(text: string): string {
  return text.split('\n').reverse().join(',');
}
