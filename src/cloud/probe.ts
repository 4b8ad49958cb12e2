import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Fault } from '../fault/index.ts';
import type { Kernel, NamespacePath, SocketAddress } from '../kernel/index.ts';
import { dialTcp } from '../publish/index.ts';
import type { HealthCheck } from './desired-balancer.ts';

/** From where nodes are asked. */
export interface ProbeSite {
  readonly kernel: Kernel;
  readonly fabric: NamespacePath;
}

export interface ProbeTarget extends Pick<HealthCheck, 'protocol' | 'path'> {
  readonly address: SocketAddress;
}

const headers = { 'User-Agent': 'portolan-cloud-health-check', Connection: 'close' };

/**
 * Asks once: TCP wants a connection, HTTP and HTTPS want a status from 200 to 399 (no certificate is verified, as clouds
 * do not). Never rejects; an abort is a failure.
 */
export async function probe(
  { kernel, fabric }: ProbeSite,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return false;
  let socket: Socket;
  try {
    socket = dialTcp(kernel, fabric, target.address);
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  socket.on('error', () => undefined);
  socket.once('close', () => resolve(false));
  if (target.protocol === 'TCP') socket.once('connect', () => resolve(true));
  else askPage(socket, target, resolve);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

function askPage(
  socket: Socket,
  { protocol, path, address }: ProbeTarget,
  done: (isHealthy: boolean) => void,
): void {
  const options = { host: address.address, port: address.port, path, headers };
  const judge = ({ statusCode = 0 }: IncomingMessage): void =>
    done(statusCode >= 200 && statusCode < 400);
  const asked =
    protocol === 'HTTP'
      ? httpRequest({ ...options, createConnection: () => socket }, judge)
      : httpsRequest(
          {
            ...options,
            createConnection: () => connectTls({ socket, rejectUnauthorized: false }),
          },
          judge,
        );
  asked.on('error', () => done(false));
  asked.end();
}
