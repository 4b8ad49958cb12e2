import type { DeleteOptions } from '../../client/index.ts';
import { badRequest } from '../../kube/index.ts';
import type { Call, FieldValidation } from '../registry/context.ts';
import type { ListQuery } from '../registry/list.ts';
import type { WatchQuery } from '../registry/watch.ts';
import type { IncludeObject } from '../table/table.ts';
import type { Exchange } from './exchange.ts';

function text(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) ?? undefined;
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  if (/^-?\d+$/.test(value)) return Number(value);
  throw badRequest(
    `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax (query parameter ${name})`,
  );
}

function boolean(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name);
  return value === null ? undefined : value !== 'false' && value !== '0';
}

function dryRunOf(values: readonly string[]): boolean {
  const unknown = values.find((value) => value !== 'All' && value !== '');
  if (unknown !== undefined) {
    throw badRequest(
      `dryRun: Unsupported value: ${JSON.stringify(unknown)}: supported values: "All"`,
    );
  }
  return values.includes('All');
}

const validations: readonly FieldValidation[] = ['Strict', 'Warn', 'Ignore'];

function fieldValidationOf(query: URLSearchParams): FieldValidation {
  // KEP-2885: a client that names none gets warnings.
  const value = query.get('fieldValidation') ?? 'Warn';
  const known = validations.find((one) => one === (value === '' ? 'Warn' : value));
  if (known !== undefined) return known;
  throw badRequest(
    `fieldValidation: Unsupported value: ${JSON.stringify(value)}: supported values: "", "Ignore", "Strict", "Warn"`,
  );
}

/** Reads the options of a write. @throws ApiError `BadRequest` */
export function callOf(exchange: Exchange): Call {
  return {
    user: exchange.user,
    dryRun: dryRunOf(exchange.query.getAll('dryRun')),
    fieldValidation: fieldValidationOf(exchange.query),
    warn: (warning) => exchange.warn(warning),
  };
}

/** `meta/v1 ListOptions` of a list. */
export function listQueryOf({ query }: Exchange): ListQuery {
  return {
    labelSelector: text(query, 'labelSelector'),
    fieldSelector: text(query, 'fieldSelector'),
    resourceVersion: text(query, 'resourceVersion'),
    resourceVersionMatch: text(query, 'resourceVersionMatch'),
    limit: integer(query, 'limit'),
    continue: text(query, 'continue'),
  };
}

/** `meta/v1 ListOptions` of a watch. */
export function watchQueryOf({ query }: Exchange): WatchQuery {
  return {
    labelSelector: text(query, 'labelSelector'),
    fieldSelector: text(query, 'fieldSelector'),
    resourceVersion: text(query, 'resourceVersion'),
    resourceVersionMatch: text(query, 'resourceVersionMatch'),
    allowWatchBookmarks: boolean(query, 'allowWatchBookmarks'),
    sendInitialEvents: boolean(query, 'sendInitialEvents'),
    timeoutSeconds: integer(query, 'timeoutSeconds'),
  };
}

/** What a Table carries of each object. */
export function includeObjectOf({ query }: Exchange): IncludeObject {
  const value = query.get('includeObject') ?? 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  if (value === '') return 'Metadata';
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`);
}

const policies = ['Orphan', 'Background', 'Foreground'] as const;

function propagationPolicyOf(value: unknown): Pick<DeleteOptions, 'propagationPolicy'> {
  if (value === undefined || value === null || value === '') return {};
  const propagationPolicy = policies.find((one) => one === value);
  if (propagationPolicy !== undefined) return { propagationPolicy };
  throw badRequest(
    `invalid DeleteOptions: propagationPolicy: Unsupported value: ${JSON.stringify(value)}: supported values: "Background", "Foreground", "Orphan"`,
  );
}

/** `orphanDependents` is the older way to say it. */
function orphanPolicy(value: unknown): Pick<DeleteOptions, 'propagationPolicy'> {
  if (typeof value !== 'boolean') return {};
  return { propagationPolicy: value ? 'Orphan' : 'Background' };
}

/** `meta/v1 DeleteOptions`, from the body, decoded, when there is one and from the query otherwise. */
export function deleteOptionsOf(
  query: URLSearchParams,
  body: Readonly<Record<string, unknown>> | undefined,
): DeleteOptions & { readonly dryRun: boolean } {
  const grace = body?.['gracePeriodSeconds'] ?? integer(query, 'gracePeriodSeconds');
  const preconditions = body?.['preconditions'] as DeleteOptions['preconditions'];
  const bodyDryRun = (body?.['dryRun'] ?? []) as readonly string[];
  return {
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...orphanPolicy(body?.['orphanDependents'] ?? boolean(query, 'orphanDependents')),
    ...propagationPolicyOf(body?.['propagationPolicy'] ?? query.get('propagationPolicy')),
    ...(preconditions === undefined ? {} : { preconditions }),
    dryRun: dryRunOf([...query.getAll('dryRun'), ...bodyDryRun]),
  };
}
