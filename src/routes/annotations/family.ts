import type { ConfigMap, Secret } from '../../kube/index.ts';
import type { BackendProtocol, RoutePolicy, SitePolicy } from '../policy.ts';
import type { AnnotationReader } from './reader.ts';

/** Objects that annotations refer to, as `name` or `namespace/name`; undefined when there is none (and reported). */
export interface References {
  /** Key of the Ingress's own namespace and this name. */
  secret(annotation: string, reference: string): Secret | undefined;
  configMap(annotation: string, reference: string): ConfigMap | undefined;
}

/** What a canary Ingress says about which requests it takes. */
export interface CanaryWish {
  readonly header?: { readonly name: string; readonly value?: string; readonly pattern?: RegExp };
  readonly cookie?: string;
  readonly weight: number;
  readonly total: number;
}

/** What the annotations of one Ingress say, all families together. */
export interface Wishes {
  readonly route: Partial<RoutePolicy>;
  readonly site: Partial<SitePolicy>;
  /** All paths of the Ingress's hosts are regular expressions. */
  readonly useRegex?: boolean;
  readonly sslRedirect?: boolean;
  readonly forceSslRedirect?: boolean;
  readonly fromToWww?: boolean;
  readonly aliases?: readonly string[];
  readonly canary?: CanaryWish;
  readonly protocol?: BackendProtocol;
  /** Dial the Service's own address instead of its endpoints. */
  readonly serviceUpstream?: boolean;
  readonly passthrough?: boolean;
  /** Service of the Ingress's namespace that answers errors, and in place of backends without endpoints. */
  readonly defaultService?: string;
  readonly customErrors?: readonly number[];
  readonly requireTls?: boolean;
}

/** What a family of annotations adds; missing parts say nothing. */
export type Wish = Partial<Wishes>;

/** Annotations that belong together. One file each. */
export interface Family {
  /** What each annotation does here, one line for the documentation; names without prefix. */
  readonly honours: Readonly<Record<string, string>>;
  read(reader: AnnotationReader, references: References): Wish;
}
