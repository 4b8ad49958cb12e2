import { Fault } from '../fault/index.ts';
import type { FieldError } from './field-error.ts';

/** `meta/v1 StatusCause`. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** `meta/v1 StatusDetails`. */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** `meta/v1 Status`: the body of every API failure. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, never>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** The reasons of `meta/v1 StatusReason` that Portolan uses, each with its HTTP code. */
export const statusCodes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const;

export type StatusReason = keyof typeof statusCodes;

/** A failure that the API answers with a `Status`; thrown by stores, clients, admission and verbs alike. */
export class ApiError extends Fault {
  readonly status: Status;
  readonly reason: StatusReason;

  constructor(reason: StatusReason, message: string, details?: StatusDetails) {
    super({ code: `API_${reason.replace(/(?<!^)([A-Z])/g, '_$1').toUpperCase()}`, message });
    this.name = 'ApiError';
    this.reason = reason;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details === undefined ? {} : { details }),
      code: statusCodes[reason],
    };
  }
}

/** Names the resource that an error speaks of. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

/** `deployments.apps`, or `services` in the core group. */
export function qualifiedName(resource: ResourceName): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

export function notFound(resource: ResourceName, name: string): ApiError {
  return new ApiError('NotFound', `${qualifiedName(resource)} "${name}" not found`, {
    name,
    group: resource.group,
    kind: resource.plural,
  });
}

export function alreadyExists(resource: ResourceName, name: string): ApiError {
  return new ApiError('AlreadyExists', `${qualifiedName(resource)} "${name}" already exists`, {
    name,
    group: resource.group,
    kind: resource.plural,
  });
}

/** Refused by authorization or admission; `why` says by what rule. */
export function forbidden(resource: ResourceName, name: string, why: string): ApiError {
  const named = name === '' ? qualifiedName(resource) : `${qualifiedName(resource)} "${name}"`;
  return new ApiError('Forbidden', `${named} is forbidden: ${why}`, {
    name,
    group: resource.group,
    kind: resource.plural,
  });
}

/** Optimistic concurrency failed; `why` defaults to the text that kubectl users know. */
export function conflict(
  resource: ResourceName,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): ApiError {
  return new ApiError(
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${why}`,
    { name, group: resource.group, kind: resource.plural },
  );
}

/** A validation failure; the message lists every field error as the Kubernetes API server does. */
export function invalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const texts = errors.map((error) => `${error.field}: ${error.body}`);
  const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new ApiError('Invalid', `${qualified} "${name}" is invalid: ${all}`, {
    name,
    group: kind.group,
    kind: kind.kind,
    causes: errors.map((error) => ({
      reason: error.reason,
      message: error.body,
      field: error.field,
    })),
  });
}

export function badRequest(message: string): ApiError {
  return new ApiError('BadRequest', message);
}
