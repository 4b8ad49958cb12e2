import type { Duplex } from 'node:stream';
import { messageOf } from '../../fault/index.ts';
import type { NodeApi } from '../../node/index.ts';
import type { Headers } from './spdy/header-block.ts';
import { SpdySession } from './spdy/session.ts';
import type { SpdyStream } from './spdy/stream.ts';
import { splice } from './splice.ts';

/** The only version there is, of what the streams of a port-forward mean. */
export const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';

const PAIR_TIMEOUT_MS = 30_000;

export interface PortForwardOptions {
  /** A connection that speaks SPDY/3.1: the socket itself, or a tunnel through WebSocket. */
  readonly transport: Duplex;
  readonly head?: Buffer;
  readonly namespace: string;
  readonly pod: string;
  readonly node: NodeApi;
}

/** The streams of one forwarded connection; either may come first. */
interface Pair {
  readonly port: number;
  data?: SpdyStream;
  error?: SpdyStream;
  readonly timer: NodeJS.Timeout;
}

/** Serves one port-forward session: any number of connections, until the client closes it. */
export async function servePortForward(options: PortForwardOptions): Promise<void> {
  const pairs = new Map<string, Pair>();
  const session = new SpdySession({
    transport: options.transport,
    ...(options.head === undefined ? {} : { head: options.head }),
    accept: (headers) => portOf(headers) !== undefined && isKnownType(headers),
    onStream: (stream) => addStream(options, pairs, stream),
  });
  await session.closed();
  for (const pair of pairs.values()) {
    clearTimeout(pair.timer);
  }
}

function addStream(
  options: PortForwardOptions,
  pairs: Map<string, Pair>,
  stream: SpdyStream,
): void {
  const id = requestIdOf(stream);
  const pair = pairs.get(id) ?? openPair(pairs, id, portOf(stream.headers) ?? 0);
  const type = stream.headers.get('streamtype') === 'data' ? 'data' : 'error';
  if (pair[type] !== undefined) {
    stream.destroy();
    return;
  }
  pair[type] = stream;
  const { data, error } = pair;
  if (data !== undefined && error !== undefined) {
    clearTimeout(pair.timer);
    pairs.delete(id);
    void forward(options, { port: pair.port, data, error });
  }
}

function openPair(pairs: Map<string, Pair>, id: string, port: number): Pair {
  const timer = setTimeout(() => {
    pairs.delete(id);
    pair.data?.destroy();
    pair.error?.destroy();
  }, PAIR_TIMEOUT_MS).unref();
  const pair: Pair = { port, timer };
  pairs.set(id, pair);
  return pair;
}

interface Connection {
  readonly port: number;
  readonly data: SpdyStream;
  readonly error: SpdyStream;
}

/** Dials the pod and joins the two; a failure is told on the error stream in the kubelet's words. Never rejects. */
async function forward(options: PortForwardOptions, connection: Connection): Promise<void> {
  const { namespace, pod, node } = options;
  const { port, data, error } = connection;
  error.resume();
  try {
    const target = await node.portForward({ namespace, pod }, port);
    await splice(data, target);
    error.end();
  } catch (failure) {
    error.end(
      `error forwarding port ${port} to pod ${namespace}/${pod}, uid : ${messageOf(failure)}`,
    );
    data.resume();
    data.end();
  }
}

/** Clients older than the `requestID` header open the error stream and then, with the next id, the data stream. */
function requestIdOf(stream: SpdyStream): string {
  const isData = stream.headers.get('streamtype') === 'data';
  return stream.headers.get('requestid') ?? String(isData ? stream.id - 2 : stream.id);
}

function isKnownType(headers: Headers): boolean {
  const type = headers.get('streamtype');
  return type === 'data' || type === 'error';
}

function portOf(headers: Headers): number | undefined {
  const port = Number(headers.get('port'));
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined;
}
