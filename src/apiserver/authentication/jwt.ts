import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';

/** RFC 7518 3.4: ES256 signatures are the two numbers side by side, not DER. */
const dsaEncoding = 'ieee-p1363';

/** One RFC 7517 key. */
export interface JsonWebKey {
  readonly use: 'sig';
  readonly kty: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decoded(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Signs and verifies JSON Web Tokens (RFC 7519) with one ES256 key. */
export class TokenKey {
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  /** As Kubernetes makes it: the hash of the public key. */
  private readonly keyId: string;

  /** @param pem a P-256 private key */
  constructor(pem: string) {
    this.privateKey = createPrivateKey(pem);
    this.publicKey = createPublicKey(this.privateKey);
    const info = this.publicKey.export({ type: 'spki', format: 'der' });
    this.keyId = createHash('sha256').update(info).digest('base64url');
  }

  sign(claims: Readonly<Record<string, unknown>>): string {
    const signed = `${encoded({ alg: 'ES256', kid: this.keyId })}.${encoded(claims)}`;
    const key = { key: this.privateKey, dsaEncoding } as const;
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  }

  /** Returns the claims of a token that this key signed, else undefined; times are the caller's to check. */
  verify(token: string): Record<string, unknown> | undefined {
    const [header = '', claims = '', signature = '', ...rest] = token.split('.');
    if (rest.length > 0 || decoded(header)?.['alg'] !== 'ES256') return undefined;
    const key = { key: this.publicKey, dsaEncoding } as const;
    const signed = Buffer.from(`${header}.${claims}`);
    const isValid = verify('sha256', signed, key, Buffer.from(signature, 'base64url'));
    return isValid ? decoded(claims) : undefined;
  }

  /** The public half, for `/openid/v1/jwks`. */
  toJsonWebKey(): JsonWebKey {
    const { kty = '', crv = '', x = '', y = '' } = this.publicKey.export({ format: 'jwk' });
    return { use: 'sig', kty, kid: this.keyId, alg: 'ES256', crv, x, y };
  }
}
