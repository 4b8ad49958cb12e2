import type { KindDefinition } from '../../kube/kind.ts';

/** A finished answer: send `body` with `contentType` and `etag`, or 304 when the request's If-None-Match equals it. */
export interface OpenApiDocument {
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Quoted, as in the header. */
  readonly etag: string;
}

/** The OpenAPI documents of one API server: built when first asked for, kept until the kinds change. */
export interface OpenApi {
  /** `GET /openapi/v3` */
  index(): OpenApiDocument;
  /** `GET /openapi/v3/{path}` with `api/v1` or `apis/apps/v1`; undefined when no kind is served there. */
  groupVersion(path: string): OpenApiDocument | undefined;
  /** `GET /openapi/v2`; pass the request's Accept header to get JSON or gnostic's protobuf. */
  v2(accept: string): OpenApiDocument;
}

export interface OpenApiOptions {
  /** All kinds served now, custom ones included. A new array identity means that they changed. */
  kinds(): readonly KindDefinition[];
  /** `v1.36.0` */
  readonly version: string;
}
