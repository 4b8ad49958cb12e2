import { serviceAccountKind, type Pod } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';

/** core/v1 ServiceAccountTokenProjection */
export interface TokenProjection {
  readonly path: string;
  readonly audience?: string;
  readonly expirationSeconds?: number;
}

export interface Token {
  readonly token: string;
  /** When another one should be asked for, in milliseconds since the epoch. */
  readonly renewAt: number;
}

const DEFAULT_SECONDS = 3600;
/** The share of its life after which a token is renewed; the kubelet's figure. */
const RENEW_AFTER = 0.8;

/** The service account tokens of one pod, asked for when they are missing or old. */
export class TokenCache {
  private readonly context: Pick<NodeContext, 'client' | 'clock'>;
  private readonly tokens = new Map<string, Token>();

  constructor(context: Pick<NodeContext, 'client' | 'clock'>) {
    this.context = context;
  }

  async get(pod: Pod, projection: TokenProjection): Promise<Token> {
    const key = `${projection.audience ?? ''} ${projection.expirationSeconds ?? ''}`;
    const known = this.tokens.get(key);
    if (known !== undefined && known.renewAt > this.context.clock.now()) return known;
    const fresh = await this.request(pod, projection);
    this.tokens.set(key, fresh);
    return fresh;
  }

  private async request(pod: Pod, projection: TokenProjection): Promise<Token> {
    const { name, namespace = 'default', uid } = pod.metadata;
    const { audience, expirationSeconds = DEFAULT_SECONDS } = projection;
    const account = pod.spec.serviceAccountName ?? 'default';
    const answer = await this.context.client.createSubresource(
      serviceAccountKind,
      { name: account, namespace, subresource: 'token' },
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: { name: '' },
        spec: {
          audiences: audience === undefined ? [] : [audience],
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      },
    );
    const { token } = answer['status'] as { token: string };
    const life = expirationSeconds * 1000;
    return { token, renewAt: this.context.clock.now() + life * RENEW_AFTER };
  }
}
