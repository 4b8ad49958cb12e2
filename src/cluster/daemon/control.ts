import { rmSync } from 'node:fs';
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { text } from 'node:stream/consumers';
import { Fault, messageOf } from '../../fault/index.ts';
import { commandLine } from '../command-line.ts';
import type { Flows } from '../../node/index.ts';
import { places, type ClusterDirectories } from '../directories.ts';
import { flowReport, streamFlows } from './serve-flows.ts';
import type { DaemonStatus, NodeProof } from './messages.ts';

/** What the daemon does when it is asked. */
export interface ControlHandlers {
  status(): DaemonStatus | Promise<DaemonStatus>;
  /** Ends pods and cluster; the answer is sent when it is done. */
  stop(): Promise<void>;
  /** Called when the answer to a stop is sent. */
  afterStop(): void;
  /** What became of connections; undefined where the pods' network has no policies. */
  flows(): Flows | undefined;
  /** Tries with real packets whether policies work on each node; of none where the pods' network has no policies. */
  provePolicies(): Promise<readonly NodeProof[]>;
}

async function answer(
  handlers: ControlHandlers,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const reply = (code: number, body: unknown, whenSent?: () => void): void => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body), whenSent);
  };
  try {
    const what = `${incoming.method ?? ''} ${incoming.url ?? ''}`;
    if (what === 'GET /status') reply(200, await handlers.status());
    else if (what === 'POST /stop') {
      await handlers.stop();
      reply(200, {}, () => handlers.afterStop());
    } else if (what === 'GET /flows') reply(200, flowReport(handlers.flows()));
    else if (incoming.url?.startsWith('/flows/stream') === true) {
      streamFlows(handlers.flows(), incoming.url.endsWith('?dropped'), response);
    } else if (what === 'POST /prove-policies') {
      reply(200, await handlers.provePolicies());
    } else reply(404, { message: `the daemon does not know ${what}` });
  } catch (error) {
    reply(500, { message: messageOf(error) });
  }
}

/** Listens on the cluster's own socket, which only its user may open. */
export function listenForControl(
  directories: ClusterDirectories,
  handlers: ControlHandlers,
): Promise<Server> {
  const socket = places.socket(directories);
  rmSync(socket, { force: true });
  const server = createServer((incoming, response) => void answer(handlers, incoming, response));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, () => resolve(server));
  });
}

const ANSWER_LIMIT_MS = 5000;

function silent({ name }: ClusterDirectories, limitMs: number, cause: unknown): Fault {
  return new Fault({
    code: 'DAEMON_SILENT',
    message: `the daemon of cluster "${name}" has not answered for ${limitMs / 1000} s`,
    advice: `Replace it, its pods go on: ${commandLine('start', name)}`,
    cause,
  });
}

function notRunning({ name }: ClusterDirectories, cause: unknown): Fault {
  return new Fault({
    code: 'CLUSTER_NOT_RUNNING',
    message: `cluster "${name}" is not running`,
    advice: `Start it: ${commandLine('start', name)}`,
    cause,
  });
}

function send(
  socketPath: string,
  method: string,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ socketPath, method, path, signal }, resolve).once('error', reject).end();
  });
}

/**
 * Asks the cluster's daemon.
 * @throws Fault `CLUSTER_NOT_RUNNING` when nobody listens, `DAEMON_SILENT` when nobody answers in time, `DAEMON_REFUSED` with
 * the daemon's words.
 */
export async function askDaemon(
  directories: ClusterDirectories,
  method: 'GET' | 'POST',
  path: string,
  limitMs = ANSWER_LIMIT_MS,
): Promise<unknown> {
  const signal = AbortSignal.timeout(Math.ceil(limitMs));
  let response: IncomingMessage;
  let body: unknown;
  try {
    response = await send(places.socket(directories), method, path, signal);
    body = JSON.parse(await text(response));
  } catch (error) {
    throw signal.aborted ? silent(directories, limitMs, error) : notRunning(directories, error);
  }
  if (response.statusCode === 200) return body;
  const { message = 'the daemon gave no reason' } = body as { message?: string };
  throw new Fault({ code: 'DAEMON_REFUSED', message });
}

/** The running cluster's account of itself. @throws as {@link askDaemon} */
export async function daemonStatus(
  directories: ClusterDirectories,
  limitMs = ANSWER_LIMIT_MS,
): Promise<DaemonStatus> {
  return (await askDaemon(directories, 'GET', '/status', limitMs)) as DaemonStatus;
}
