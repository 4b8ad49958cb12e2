import type { PeerCertificate, TLSSocket } from 'node:tls';
import { ApiError } from '../../kube/index.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import { anonymous, authenticatedGroup, type User } from './user.ts';

/** What a request proves its sender with. */
export interface Credentials {
  /** The connection: its client certificate is already checked against the cluster's CA. */
  readonly socket: Pick<TLSSocket, 'authorized' | 'getPeerCertificate'>;
  /** The Authorization header. */
  readonly authorization: string | undefined;
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function unauthorized(): ApiError {
  return new ApiError('Unauthorized', 'Unauthorized');
}

/**
 * The certificate's common name is the user, its organizations are the groups.
 * @throws ApiError `Unauthorized` for a certificate that the cluster's CA did not sign, or that has expired.
 */
function certificateUser({ socket }: Credentials): User | undefined {
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  if (subject === undefined) return undefined;
  const [name = ''] = listOf(subject.CN);
  if (!socket.authorized || name === '') throw unauthorized();
  return { name, groups: [...listOf(subject.O), authenticatedGroup] };
}

/**
 * Finds out who sends a request: a client certificate first, then a bearer token, else nobody in particular.
 * @throws ApiError `Unauthorized` for a certificate or a token that is not valid.
 */
export async function authenticate(
  credentials: Credentials,
  tokens: Pick<ServiceAccountTokens, 'identify' | 'issuer'>,
): Promise<User> {
  const user = certificateUser(credentials);
  if (user !== undefined) return user;
  const token = /^bearer +(?<token>\S+)$/i.exec(credentials.authorization ?? '')?.groups?.['token'];
  if (token === undefined) return anonymous;
  const identity = await tokens.identify(token);
  if (identity?.audiences.includes(tokens.issuer) !== true) {
    throw unauthorized();
  }
  return identity.user;
}
