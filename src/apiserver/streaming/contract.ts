import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { NodeApi } from '../../node/index.ts';

/** The pod subresources that turn an HTTP/1.1 request into a two-way connection. */
export type StreamingKind = 'exec' | 'attach' | 'portforward';

/**
 * One `upgrade` event of the HTTP server, after authentication, authorization and the look-up of the pod.
 * GET (WebSocket) and POST (SPDY/3.1) are both legal for every kind.
 */
export interface StreamingUpgrade {
  readonly request: IncomingMessage;
  /** The raw socket of the `upgrade` event; from here on it belongs to the streaming code, which closes it. */
  readonly socket: Duplex;
  /** Bytes of the upgraded protocol that came with the request. */
  readonly head: Buffer;
  readonly kind: StreamingKind;
  readonly namespace: string;
  readonly pod: string;
  /** `core/v1 PodExecOptions`, `PodAttachOptions` or `PodPortForwardOptions`, undecoded. */
  readonly query: URLSearchParams;
  /** The agent of the pod's node. */
  readonly node: NodeApi;
}

/**
 * Speaks WebSocket (`v5`, `v4` and older `channel.k8s.io`, and tunnelled port-forward) or SPDY/3.1 on the socket.
 * Resolves when the connection is over and never rejects: failures are told to the client, before the upgrade as an HTTP
 * response with a `Status`, after it in the protocol's own words.
 *
 * What it asks of `NodeApi`: `exec` and `attach` settle only after the last byte of output was written to the
 * streams they were given (ending them is optional); `signal` aborts when the client went away.
 */
export type HandleUpgrade = (upgrade: StreamingUpgrade) => Promise<void>;
