import { Writable } from 'node:stream';
import { FieldPath, fieldInvalid, invalid } from '../../kube/index.ts';
import type { LogOptions } from '../../node/index.ts';
import type { Exchange } from './exchange.ts';
import { nodeOfPod } from './pod-node.ts';
import { targetOf, type ResourceRequest } from './resource-verbs.ts';

function isTrue(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value === 'true' || value === '1';
}

function count(query: URLSearchParams, name: string, least: number): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  const number = Number(value);
  if (Number.isInteger(number) && number >= least) return number;
  const detail = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0';
  throw invalid({ group: '', kind: 'PodLogOptions' }, '', [
    fieldInvalid(new FieldPath(name), value, detail),
  ]);
}

/** `core/v1 PodLogOptions`. @throws ApiError `Invalid` */
export function logOptionsOf(query: URLSearchParams): LogOptions {
  const tailLines = count(query, 'tailLines', 0);
  const limitBytes = count(query, 'limitBytes', 1);
  const sinceSeconds = count(query, 'sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  return {
    follow: isTrue(query, 'follow'),
    previous: isTrue(query, 'previous'),
    timestamps: isTrue(query, 'timestamps'),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(sinceTime === null ? {} : { sinceTime }),
  };
}

/**
 * The body of the answer: its head goes out with the first byte, so that an error before it has its own. It is destroyed when
 * the client goes.
 */
function bodyOf(exchange: Exchange): Writable {
  const { response } = exchange;
  const body = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (!response.headersSent) exchange.startStream('text/plain');
      response.write(chunk, done);
    },
  });
  // What was written to a client that has gone is never said to be: whoever waits for that would wait for ever.
  response.once('close', () => body.destroy());
  body.on('error', () => body.destroy());
  return body;
}

/** `GET .../pods/NAME/log`: streams until the log, or the client, ends. */
export async function sendLog(request: ResourceRequest): Promise<void> {
  const { environment, exchange } = request;
  const target = targetOf(request);
  const options = logOptionsOf(exchange.query);
  const node = await nodeOfPod(environment, target);
  const abort = new AbortController();
  exchange.response.once('close', () => abort.abort());
  const container = {
    namespace: target.namespace ?? '',
    pod: target.name,
    container: exchange.query.get('container') ?? '',
  };
  await node.logs(container, options, bodyOf(exchange), abort.signal);
  if (exchange.response.headersSent) exchange.response.end();
  else await exchange.sendText(200, '', 'text/plain');
}
