import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { KubeObject, Status } from '../../kube/index.ts';
import type { Watch, WatchEvent, WatchEventType, WatchListener } from '../client.ts';
import type { Connection } from './connection.ts';
import { errorOf } from './errors.ts';

type Line =
  | { readonly type: WatchEventType; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly object: Status };

async function pump<T extends KubeObject>(
  response: IncomingMessage,
  listener: WatchListener<T>,
  signal: AbortSignal,
): Promise<Error | undefined> {
  const lines = createInterface({ input: response, crlfDelay: Infinity });
  // While lines are read, the loop throws what breaks; after it nobody would hear of it, and that ends a process.
  lines.on('error', () => {});
  for await (const line of lines) {
    // Lines that had come already are still read after `close()`.
    if (signal.aborted) return undefined;
    if (line === '') continue;
    const event = JSON.parse(line) as Line;
    if (event.type === 'ERROR') return errorOf(event.object);
    listener.onEvent(event as WatchEvent<T>);
  }
  return undefined;
}

/** Follows a watch: one JSON event a line, until the server ends it or `close()`. */
export function openWatch<T extends KubeObject>(
  connection: Connection,
  path: string,
  listener: WatchListener<T>,
): Watch {
  const abort = new AbortController();

  async function run(): Promise<void> {
    let reason: Error | undefined;
    try {
      const response = await connection.stream(path, abort.signal);
      reason = await pump(response, listener, abort.signal);
    } catch (error) {
      reason = error instanceof Error ? error : new Error(String(error));
    }
    const isWanted = !abort.signal.aborted;
    abort.abort();
    if (isWanted) listener.onEnd(reason);
  }

  void run();
  return { close: () => abort.abort() };
}
