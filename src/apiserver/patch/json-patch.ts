import { ApiError, badRequest } from '../../kube/index.ts';
import { isJsonObject, sameJson, type JsonObject } from './json.ts';
import {
  insertAt,
  locate,
  PatchMismatch,
  removeAt,
  replaceAt,
  valueAt,
  type Place,
} from './json-pointer.ts';

/** kube-apiserver's own limit, so that a small body cannot cost much. */
const maxOperations = 10_000;

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

function present(document: unknown, pointer: string, op: string): { place: Place; value: unknown } {
  const place = locate(document, pointer, op);
  const value = valueAt(place);
  if (value === undefined) {
    const message = `${op} operation does not apply: doc is missing key: ${pointer}: missing value`;
    throw new PatchMismatch(pointer, message);
  }
  return { place, value };
}

function test(document: unknown, { path, value }: Operation): void {
  const actual = path === '' ? document : valueAt(locate(document, path, 'test'));
  // A test for null passes on a missing key, in Kubernetes' library as here.
  if (!sameJson(actual ?? null, value ?? null)) {
    throw new PatchMismatch(path, `testing value ${path} failed: test failed`);
  }
}

/** Applies one operation in place and returns the document, a new one when the whole is replaced. */
function applyOperation(document: unknown, operation: Operation): unknown {
  const { op, path, from = '', value } = operation;
  const whole = path === '';
  switch (op) {
    case 'test':
      test(document, operation);
      return document;
    case 'add':
      if (whole) return structuredClone(value);
      insertAt(locate(document, path, op), structuredClone(value));
      return document;
    case 'replace':
      if (whole) return structuredClone(value);
      replaceAt(present(document, path, op).place, structuredClone(value));
      return document;
    case 'remove':
      removeAt(present(document, path, op).place);
      return document;
    case 'copy':
      insertAt(locate(document, path, op), structuredClone(present(document, from, op).value));
      return document;
    case 'move': {
      const source = present(document, from, op);
      removeAt(source.place);
      insertAt(locate(document, path, op), source.value);
      return document;
    }
    default:
      throw new PatchMismatch(path, `Unexpected kind: ${op}`);
  }
}

function isOperation(value: unknown): value is JsonObject & Operation {
  return isJsonObject(value) && typeof value.op === 'string' && typeof value.path === 'string';
}

function readOperations(body: unknown): Operation[] {
  if (!Array.isArray(body)) {
    throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  if (body.length > maxOperations) {
    const message = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${body.length}`;
    throw new ApiError('RequestEntityTooLarge', message);
  }
  return body.map((item: unknown, index) => {
    if (isOperation(item)) return item;
    throw badRequest(`operation ${index} of the JSON patch needs "op" and "path", both strings`);
  });
}

/**
 * RFC 6902 on a private copy, which it changes and returns.
 * @throws ApiError `Invalid` with the failed operation as cause; nothing of a failed patch is to be stored.
 */
export function applyJsonPatch(document: unknown, body: unknown): unknown {
  try {
    return readOperations(body).reduce(applyOperation, document);
  } catch (error) {
    if (!(error instanceof PatchMismatch)) throw error;
    throw new ApiError(
      'Invalid',
      'the server rejected our request due to an error in our request',
      { causes: [{ reason: 'FieldValueInvalid', message: error.message, field: error.path }] },
    );
  }
}
