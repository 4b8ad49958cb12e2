import type { Clock } from '../../clock/index.ts';
import type { NodeApi } from '../../node/index.ts';
import type { ServiceAccountTokens } from '../authentication/service-account-tokens.ts';
import type { TokenKey } from '../authentication/jwt.ts';
import type { Authorizer } from '../authorization/rbac.ts';
import type { OpenApi } from '../openapi/contract.ts';
import type { Registry } from '../registry/registry.ts';
import type { Review } from '../reviews/review.ts';

/** Everything that answering a request may need. */
export interface Environment {
  readonly clock: Clock;
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly tokens: ServiceAccountTokens;
  readonly tokenKey: TokenKey;
  readonly reviews: readonly Review[];
  readonly openApi: OpenApi;
  /** The agent of a node; undefined when it is not running. */
  nodeApi(nodeName: string): NodeApi | undefined;
  /** Where clients reach the server, `host:port`. */
  address(): string;
  readonly metrics: RequestMetrics;
}

/** Counts requests, for `/metrics`. */
export interface RequestMetrics {
  count(verb: string, resource: string, code: number): void;
  text(): string;
}
