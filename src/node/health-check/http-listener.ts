import { createServer, type RequestListener } from 'node:http';
import type { Kernel, NamespacePath } from '../../kernel/index.ts';

/** A client that says nothing keeps a connection no longer than this. */
const IDLE_MS = 5000;

/** An HTTP server on every address of a namespace, both families. */
export interface HttpListener {
  /** Frees the port at once; connections that are open are cut. */
  close(): void;
}

export interface HttpListenerOptions {
  readonly kernel: Kernel;
  readonly netns: NamespacePath;
  readonly port: number;
  readonly answer: RequestListener;
}

/** Listens. @throws Fault with errno EADDRINUSE and the like. */
export function listenHttp({ kernel, netns, port, answer }: HttpListenerOptions): HttpListener {
  const fd = kernel.listenTcp(netns, { address: '::', port });
  const server = createServer({ requestTimeout: IDLE_MS, headersTimeout: IDLE_MS }, answer);
  server.keepAliveTimeout = IDLE_MS;
  server.listen({ fd });
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
