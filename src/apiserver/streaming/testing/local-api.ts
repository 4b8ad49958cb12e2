import { createServer } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { NodeApi } from '../../../node/index.ts';
import { upgradeRequired } from '../handle-upgrade.ts';
import type { HandleUpgrade, StreamingKind } from '../contract.ts';

/** The least API server that `kubectl exec` and its kin accept: discovery, one pod for every name, the upgrades. */
export interface LocalApi {
  readonly url: string;
  /** `Upgrade` headers seen, lower case. */
  readonly protocols: Set<string>;
  /** Upgrades whose handling has not ended. */
  readonly open: Set<Promise<void>>;
  close(): Promise<void>;
}

/** Starts the server on a loopback port, with TLS when there is a key. */
export async function startLocalApi(
  node: NodeApi,
  handleUpgrade: HandleUpgrade,
  tls?: { readonly key: string; readonly cert: string },
): Promise<LocalApi> {
  const server = tls === undefined ? createServer(answer) : secureServer(tls);
  const protocols = new Set<string>();
  const open = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    protocols.add(request.headers.upgrade?.toLowerCase() ?? '');
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://localhost');
    const [namespace = '', , pod = '', kind = ''] = pathname.split('/').slice(4);
    const upgrade = { request, socket, head, namespace, pod, query, node };
    const handling = handleUpgrade({ ...upgrade, kind: kind as StreamingKind }).finally(() =>
      open.delete(handling),
    );
    open.add(handling);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    protocols,
    open,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await Promise.all(open);
    },
  };
}

/** As the real API server listens: HTTP/2, and HTTP/1.1 for the upgrades. */
function secureServer(tls: { readonly key: string; readonly cert: string }): Http2SecureServer {
  return createSecureServer({ ...tls, allowHTTP1: true }, answer);
}

const resources = [
  resource('pods', ['get', 'list']),
  ...['exec', 'attach', 'portforward'].map((kind) => resource(`pods/${kind}`, ['get', 'create'])),
];

function resource(name: string, verbs: readonly string[]): object {
  return { name, singularName: '', namespaced: true, kind: 'Pod', verbs };
}

function answer(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): void {
  const path = new URL(request.url ?? '', 'http://localhost').pathname;
  const body = bodyOf(path);
  response.statusCode = body.code ?? 200;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

function bodyOf(path: string): { readonly code?: number } & Record<string, unknown> {
  const pod = /\/namespaces\/([^/]+)\/pods\/([^/]+)(\/)?/.exec(path);
  if (pod?.[3] !== undefined) {
    return { ...upgradeRequired().status };
  }
  if (pod !== null) {
    return podNamed(pod[1] ?? '', pod[2] ?? '');
  }
  switch (path) {
    case '/api':
      return { kind: 'APIVersions', versions: ['v1'] };
    case '/apis':
      return { kind: 'APIGroupList', apiVersion: 'v1', groups: [] };
    case '/api/v1':
      return { kind: 'APIResourceList', groupVersion: 'v1', resources };
    default:
      return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 };
  }
}

function podNamed(namespace: string, name: string): Record<string, unknown> {
  const container = { name: 'main', image: 'local', stdin: true, stdinOnce: true };
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace, uid: 'a1b2' },
    spec: { containers: [container, { ...container, name: 'missing' }] },
    status: { phase: 'Running' },
  };
}
