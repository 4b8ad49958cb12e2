import {
  ApiError,
  badRequest,
  decodeJson,
  decodeYaml,
  type DecodedBody,
} from '../../kube/index.ts';
import { decodeProtobuf } from '../protobuf/decode.ts';
import type { Exchange } from './exchange.ts';

/** As in Kubernetes (`MaxRequestBodyBytes`). */
const limit = 3 * 1024 * 1024;

function tooLarge(): ApiError {
  return new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);
}

/** Reads the whole body. @throws ApiError `RequestEntityTooLarge` above 3 MiB */
export async function readBody(exchange: Exchange): Promise<Buffer> {
  const { request } = exchange;
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

/** Parses a body by its media type; JSON when the client says nothing. */
export async function decodeBody(contentType: string, bytes: Buffer): Promise<DecodedBody> {
  const text = bytes.toString('utf8');
  switch (contentType) {
    case '':
    case '*/*':
    case 'application/json':
      return decodeJson(text);
    case 'application/yaml':
      return decodeYaml(text);
    case 'application/vnd.kubernetes.protobuf':
      return { value: decodeProtobuf(bytes), problems: [] };
    default:
      throw unsupportedMediaType(['application/json', 'application/yaml']);
  }
}

/** Reads and parses a body that must be there. */
export async function readObject(exchange: Exchange): Promise<DecodedBody> {
  const bytes = await readBody(exchange);
  if (bytes.length === 0) throw badRequest('the body of the request is empty: an object is needed');
  return decodeBody(exchange.contentType, bytes);
}
