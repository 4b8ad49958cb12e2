import { badRequest } from '../../kube/index.ts';

/** Where a list goes on: after `start`, which is relative to the collection's prefix, at `revision`. */
export interface ContinueToken {
  readonly revision: number;
  readonly start: string;
}

/** Same form as Kubernetes (`storage/continue.go`): base64url of JSON. */
export function encodeContinueToken({ revision, start }: ContinueToken): string {
  const token = { v: 'meta.k8s.io/v1', rv: revision, start };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** @throws ApiError `BadRequest` when this is no token of ours. */
export function decodeContinueToken(text: string): ContinueToken {
  const token = parse(text) as { v?: unknown; rv?: unknown; start?: unknown } | null | undefined;
  if (
    token?.v !== 'meta.k8s.io/v1' ||
    !Number.isInteger(token.rv) ||
    typeof token.start !== 'string'
  ) {
    throw badRequest('continue key is not valid: it is not a token that this server gave out');
  }
  return { revision: Number(token.rv), start: token.start };
}
