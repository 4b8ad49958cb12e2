import type { ClusterDirectories } from '../directories.ts';

/** Which objects a question is about: those of manifests, of another cluster, or of ours; the first that is given. */
export interface InquirySource {
  readonly files?: readonly string[];
  /** A context of kubectl's configuration. */
  readonly context?: string;
  readonly directories: ClusterDirectories;
  /** Manifests that are taken as applied on top. */
  readonly changes?: readonly string[];
  /** Of places and objects that name none; the context's own, or `default`, when absent. */
  readonly namespace?: string;
  /** The question is about an HTTP request: Ingresses and what they refer to are read, too. */
  readonly withRoutes?: boolean;
}
