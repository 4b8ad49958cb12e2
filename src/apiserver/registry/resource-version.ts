import {
  ApiError,
  badRequest,
  FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  invalid,
  type FieldError,
} from '../../kube/index.ts';

/** The version part of list and watch options. */
export interface VersionOptions {
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
}

/** Parses a resourceVersion of a request; absent and empty are undefined. @throws ApiError `BadRequest` */
export function parseRevision(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(
    `Invalid value: ${JSON.stringify(text)}: resourceVersion must be a decimal number`,
  );
}

const matchPath = new FieldPath('resourceVersionMatch');
const matches = ['Exact', 'NotOlderThan'];

function matchErrors({
  resourceVersion = '',
  resourceVersionMatch: match = '',
}: VersionOptions): FieldError[] {
  if (match === '') return [];
  if (!matches.includes(match)) return [fieldNotSupported(matchPath, match, matches)];
  if (resourceVersion === '') {
    return [
      fieldForbidden(
        matchPath,
        'resourceVersionMatch is forbidden unless resourceVersion is provided',
      ),
    ];
  }
  return match === 'Exact' && resourceVersion === '0'
    ? [
        fieldForbidden(
          matchPath,
          'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"',
        ),
      ]
    : [];
}

/** Checks the combination, `ValidateListOptions` in Kubernetes. @throws ApiError `Invalid` */
export function assertListVersions(
  options: VersionOptions & { readonly continue?: string | undefined },
): void {
  const errors = matchErrors(options);
  if ((options.continue ?? '') !== '' && (options.resourceVersionMatch ?? '') !== '') {
    errors.push(
      fieldForbidden(matchPath, 'resourceVersionMatch is forbidden when continue is provided'),
    );
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

/** Checks `sendInitialEvents` and what must come with it (KEP-3157). @throws ApiError `Invalid` */
export function assertWatchVersions(
  options: VersionOptions & { readonly sendInitialEvents?: boolean | undefined },
): void {
  const match = options.resourceVersionMatch ?? '';
  const path = new FieldPath('sendInitialEvents');
  const errors: FieldError[] = [];
  if (options.sendInitialEvents === undefined && match !== '') {
    errors.push(
      fieldForbidden(
        matchPath,
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    );
  }
  if (options.sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(
      match === ''
        ? fieldForbidden(
            path,
            'resourceVersionMatch is required when sendInitialEvents is provided',
          )
        : fieldInvalid(
            matchPath,
            match,
            'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
          ),
    );
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

/** The answer to a revision that is not written yet: kubectl tries again after a second. */
export function tooLarge(wanted: number, current: number): ApiError {
  return new ApiError('Timeout', `Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}
