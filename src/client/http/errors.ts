import { ApiError, statusCodes, type Status, type StatusReason } from '../../kube/index.ts';

function isReason(text: string | undefined): text is StatusReason {
  return text !== undefined && Object.hasOwn(statusCodes, text);
}

function reasonFor(code: number): StatusReason {
  const found = Object.entries(statusCodes).find(([, known]) => known === code)?.[0];
  return isReason(found) ? found : 'InternalError';
}

function isStatus(body: unknown): body is Status {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status';
}

function parseStatus(text: string): Status | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isStatus(body) ? body : undefined;
  } catch {
    // Not JSON: a proxy's page, whose text the caller tells instead.
    return undefined;
  }
}

/** The error that a Status describes, as the server's own code would have thrown it. */
export function errorOf(status: Status): ApiError {
  const reason = isReason(status.reason) ? status.reason : reasonFor(status.code);
  return new ApiError(reason, status.message ?? reason, status.details);
}

/** The error of an HTTP answer; one without a Status in its body came from something before the API server. */
export function errorFrom(code: number, text: string): ApiError {
  const status = parseStatus(text);
  if (status !== undefined) return errorOf(status);
  return new ApiError(reasonFor(code), `HTTP ${code}: ${text.trim().slice(0, 500)}`);
}
