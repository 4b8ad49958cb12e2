import { rmSync } from 'node:fs';
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Fault, messageOf } from '../../fault/index.ts';
import { places, type ClusterDirectories } from '../directories.ts';
import type { DaemonStatus } from './messages.ts';

/** What the daemon does when it is asked. */
export interface ControlHandlers {
  status(): DaemonStatus | Promise<DaemonStatus>;
  /** Ends pods and daemon; the answer is sent when it is done. */
  stop(): Promise<void>;
}

async function answer(
  handlers: ControlHandlers,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const reply = (code: number, body: unknown): void => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  try {
    const what = `${incoming.method ?? ''} ${incoming.url ?? ''}`;
    if (what === 'GET /status') reply(200, await handlers.status());
    else if (what === 'POST /stop') {
      await handlers.stop();
      reply(200, {});
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

/** @throws Fault `CLUSTER_NOT_RUNNING` when nobody listens, `DAEMON_REFUSED` with the daemon's words. */
export function askDaemon(
  directories: ClusterDirectories,
  method: 'GET' | 'POST',
  path: string,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: places.socket(directories), method, path });
    outgoing.once('error', (cause) =>
      reject(
        new Fault({
          code: 'CLUSTER_NOT_RUNNING',
          message: `cluster ${directories.name} is not running`,
          advice: `Start it: portolan start${directories.name === 'portolan' ? '' : ` --name ${directories.name}`}`,
          cause,
        }),
      ),
    );
    outgoing.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => {
        const body = JSON.parse(text) as { message?: string };
        if (response.statusCode === 200) resolve(body);
        else {
          reject(
            new Fault({
              code: 'DAEMON_REFUSED',
              message: body.message ?? 'the daemon gave no reason',
            }),
          );
        }
      });
    });
    outgoing.end();
  });
}

/** The running cluster's account of itself. */
export async function daemonStatus(directories: ClusterDirectories): Promise<DaemonStatus> {
  return (await askDaemon(directories, 'GET', '/status')) as DaemonStatus;
}
