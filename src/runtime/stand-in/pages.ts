import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { StandInIdentity } from '../runtime.ts';

/** Whose page a connection gets, and where its access lines go. */
interface Origin {
  readonly identity: StandInIdentity;
  readonly port: number;
  readonly log: (text: string) => void;
}

/** The HTTP servers behind all stand-ins of this process: they listen nowhere, connections are handed to them. */
export interface Pages {
  serve(socket: Socket, protocol: 'http1' | 'http2', origin: Origin): void;
}

/** gRPC over HTTP/2: one byte compression flag, four bytes length, then HealthCheckResponse{status: SERVING}. */
const servingMessage = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x01]);
const healthService = '/grpc.health.v1.Health/';
const grpcStatus = { ok: 0, unimplemented: 12 };

export function createPages(): Pages {
  const origins = new WeakMap<object, Origin>();
  const http1 = createServer((request, response) => {
    const origin = origins.get(request.socket);
    if (origin !== undefined) answerHttp1(origin, request, response);
  });
  const http2 = createHttp2Server();
  // A session hides its socket behind a proxy, but it is made while `emit` below runs: so this is its origin.
  let connecting: Origin | undefined;
  http2.on('session', (session) => {
    const origin = connecting;
    session.on('error', () => session.destroy());
    session.on('stream', (stream, headers) => {
      if (origin !== undefined) answerHttp2(origin, stream, headers);
    });
  });
  return {
    serve: (socket, protocol, origin) => {
      origins.set(socket, origin);
      connecting = origin;
      (protocol === 'http1' ? http1 : http2).emit('connection', socket);
      connecting = undefined;
    },
  };
}

function answerHttp1(origin: Origin, request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = request;
  const page = pageOf(origin, { method, path: url, host: headers.host, headers });
  // Unread bodies would block the next request of the connection.
  request.resume();
  origin.log(accessLine(origin, request.socket, `${method} ${url}`));
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': page.length,
  });
  response.end(page);
}

function answerHttp2(
  origin: Origin,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): void {
  const method = String(headers[':method']);
  const path = String(headers[':path']);
  stream.on('error', () => stream.destroy());
  stream.resume();
  origin.log(accessLine(origin, stream.session?.socket, `${method} ${path}`));
  if (String(headers['content-type']).startsWith('application/grpc')) {
    answerGrpc(stream, path);
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.end(pageOf(origin, { method, path, host: headers[':authority'], headers }));
}

/** The health protocol of gRPC (grpc.health.v1); no other service is here. */
function answerGrpc(stream: ServerHttp2Stream, path: string): void {
  const isHealth = path.startsWith(healthService);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () =>
    stream.sendTrailers({ 'grpc-status': isHealth ? grpcStatus.ok : grpcStatus.unimplemented }),
  );
  if (isHealth) stream.end(servingMessage);
  else stream.end();
}

interface RequestFacts {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly headers: object;
}

function pageOf({ identity, port }: Origin, request: RequestFacts): Buffer {
  const { pod, namespace, node, podIPs, container, image } = identity;
  const page = {
    standIn: true,
    pod,
    namespace,
    node,
    podIPs,
    container,
    image,
    port,
    protocol: 'TCP',
    ...request,
  };
  return Buffer.from(`${JSON.stringify(page, null, 2)}\n`);
}

function accessLine(origin: Origin, socket: Socket | undefined, request: string): string {
  return `${socket?.remoteAddress ?? '-'} -> ${origin.port}/TCP "${request}" 200`;
}
