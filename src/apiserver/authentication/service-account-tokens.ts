import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock/index.ts';
import {
  FieldPath,
  fieldInvalid,
  fieldNotSupported,
  invalid,
  notFound,
  type AnyObject,
  type ObjectReference,
} from '../../kube/index.ts';
import type { TokenKey } from './jwt.ts';
import { authenticatedGroup, type User } from './user.ts';

export const defaultIssuer = 'https://kubernetes.default.svc.cluster.local';

/** KEP-1205: an hour when nothing is asked for, ten minutes at least. */
const defaultSeconds = 3600;
const shortestSeconds = 600;

interface NameAndUid {
  readonly name: string;
  readonly uid: string;
}

/** The private claims (`kubernetes.io`) of a bound token. */
interface KubernetesClaims {
  readonly namespace: string;
  readonly serviceaccount: NameAndUid;
  readonly pod?: NameAndUid;
  readonly secret?: NameAndUid;
  readonly node?: NameAndUid;
}

interface TokenSpec {
  readonly audiences?: readonly string[];
  readonly expirationSeconds?: number;
  readonly boundObjectRef?: ObjectReference;
}

/** Reads an object of the core group; undefined when there is none. */
export type ReadCore = (
  plural: string,
  ref: { readonly namespace: string; readonly name: string },
) => Promise<AnyObject | undefined>;

export interface TokenOptions {
  readonly key: TokenKey;
  readonly clock: Clock;
  readonly read: ReadCore;
  readonly issuer?: string;
}

/** Who a valid token speaks for. */
export interface TokenIdentity {
  readonly user: User;
  readonly audiences: readonly string[];
}

const boundPlurals: Readonly<Record<string, 'pods' | 'secrets'>> = {
  Pod: 'pods',
  Secret: 'secrets',
};

function rfc3339(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

function identified(object: AnyObject): NameAndUid {
  return { name: object.metadata.name, uid: object.metadata.uid ?? '' };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Issues the tokens of ServiceAccounts, and finds out whom a token speaks for. */
export class ServiceAccountTokens {
  readonly issuer: string;
  private readonly options: TokenOptions;

  constructor(options: TokenOptions) {
    this.options = options;
    this.issuer = options.issuer ?? defaultIssuer;
  }

  /** @throws ApiError `Invalid`, and `NotFound` when the bound object does not exist. */
  async issue(serviceAccount: AnyObject, request: AnyObject): Promise<AnyObject> {
    const spec = (request['spec'] ?? {}) as TokenSpec;
    const { namespace = '', name } = serviceAccount.metadata;
    const audiences = spec.audiences ?? [];
    const expirationSeconds = this.lifetime(spec, name);
    const now = Math.floor(this.options.clock.now() / 1000);
    const bound = await this.boundClaim(namespace, name, spec.boundObjectRef);
    const claims = {
      aud: audiences.length === 0 ? [this.issuer] : audiences,
      exp: now + expirationSeconds,
      iat: now,
      iss: this.issuer,
      jti: randomUUID(),
      'kubernetes.io': { namespace, ...bound, serviceaccount: identified(serviceAccount) },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    return {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: rfc3339(now) },
      spec: { ...spec, audiences: claims.aud, expirationSeconds },
      status: { token: this.options.key.sign(claims), expirationTimestamp: rfc3339(claims.exp) },
    };
  }

  /** Whom the token speaks for now: it may have expired, or its ServiceAccount or pod may be gone. */
  async identify(token: string): Promise<TokenIdentity | undefined> {
    const claims = this.options.key.verify(token);
    if (claims === undefined || claims['iss'] !== this.issuer || !this.isCurrent(claims)) {
      return undefined;
    }
    const bound = claims['kubernetes.io'];
    if (!isRecord(bound)) return undefined;
    const kubernetes = bound as unknown as KubernetesClaims;
    if (!(await this.isAlive(kubernetes))) return undefined;
    const audiences = Array.isArray(claims['aud']) ? (claims['aud'] as string[]) : [];
    return { user: userOf(kubernetes, String(claims['jti'])), audiences };
  }

  private lifetime({ expirationSeconds = defaultSeconds }: TokenSpec, name: string): number {
    if (expirationSeconds >= shortestSeconds && expirationSeconds <= 2 ** 32)
      return expirationSeconds;
    const path = new FieldPath('spec').child('expirationSeconds');
    const detail =
      expirationSeconds < shortestSeconds
        ? 'may not specify a duration less than 10 minutes'
        : 'may not specify a duration larger than 2^32 seconds';
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, [
      fieldInvalid(path, expirationSeconds, detail),
    ]);
  }

  private async boundClaim(
    namespace: string,
    account: string,
    ref: ObjectReference | undefined,
  ): Promise<Partial<KubernetesClaims>> {
    if (ref === undefined) return {};
    const plural = boundPlurals[ref.kind ?? ''];
    const path = new FieldPath('spec').child('boundObjectRef');
    const request = { group: 'authentication.k8s.io', kind: 'TokenRequest' };
    if (plural === undefined) {
      throw invalid(request, account, [
        fieldNotSupported(path.child('kind'), ref.kind ?? '', Object.keys(boundPlurals)),
      ]);
    }
    const object = await this.options.read(plural, { namespace, name: ref.name ?? '' });
    if (object === undefined) throw notFound({ group: '', plural }, ref.name ?? '');
    if (ref.uid !== undefined && ref.uid !== '' && ref.uid !== object.metadata.uid) {
      throw invalid(request, account, [
        fieldInvalid(
          path.child('uid'),
          ref.uid,
          `does not match the UID ${object.metadata.uid ?? ''}`,
        ),
      ]);
    }
    return plural === 'pods' ? { pod: identified(object) } : { secret: identified(object) };
  }

  private isCurrent(claims: Record<string, unknown>): boolean {
    const now = this.options.clock.now() / 1000;
    return Number(claims['exp']) > now && Number(claims['nbf'] ?? 0) <= now;
  }

  private async isAlive(claims: KubernetesClaims): Promise<boolean> {
    const { namespace, serviceaccount, pod, secret } = claims;
    const bound: [string, NameAndUid | undefined][] = [
      ['serviceaccounts', serviceaccount],
      ['pods', pod],
      ['secrets', secret],
    ];
    for (const [plural, claimed] of bound) {
      if (claimed === undefined) continue;
      const object = await this.options.read(plural, { namespace, name: claimed.name });
      if (object?.metadata.uid !== claimed.uid) return false;
    }
    return true;
  }
}

function userOf({ namespace, serviceaccount, pod }: KubernetesClaims, jti: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticatedGroup],
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${jti}`],
      ...(pod === undefined
        ? {}
        : {
            'authentication.kubernetes.io/pod-name': [pod.name],
            'authentication.kubernetes.io/pod-uid': [pod.uid],
          }),
    },
  };
}
