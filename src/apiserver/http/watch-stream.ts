import type { WatchEvent } from '../../client/index.ts';
import type { Collection } from '../registry/context.ts';
import { emptyTable, partialMetadata, tableOf, type TableOptions } from '../table/table.ts';
import type { Environment } from './environment.ts';
import { statusOf, type Exchange } from './exchange.ts';
import { negotiate, type Negotiated } from './media-type.ts';
import { includeObjectOf, watchQueryOf } from './options.ts';

/** A client that leaves this much unread is cut off: it would fill our memory. It lists again. */
const unreadLimit = 64 * 1024 * 1024;

/** Kubernetes ends watches after half an hour to an hour, so that clients spread over servers; here one hour. */
const longestWatchSeconds = 3600;

/** Writes events as lines of JSON, all that come in one turn with one write. */
class EventWriter {
  private readonly exchange: Exchange;
  private lines: string[] = [];
  private unread = 0;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  write(event: { readonly type: string; readonly object: unknown }): void {
    if (this.lines.length === 0) queueMicrotask(() => this.flush());
    this.lines.push(JSON.stringify(event));
  }

  private flush(): void {
    const { response } = this.exchange;
    if (response.writableEnded) return;
    const text = `${this.lines.join('\n')}\n`;
    this.lines = [];
    this.unread += text.length;
    response.write(text, () => {
      this.unread -= text.length;
    });
    if (this.unread > unreadLimit) response.destroy();
  }

  end(): void {
    if (this.lines.length > 0) this.flush();
    this.exchange.response.end();
  }
}

/** Turns objects into what the client asked to see of them. */
function viewer(
  collection: Collection,
  negotiated: Negotiated,
  options: Omit<TableOptions, 'now' | 'withColumns'> & { readonly now: () => number },
): (event: WatchEvent) => unknown {
  const { definition } = collection.kind;
  let withColumns = true;
  return ({ type, object }) => {
    if (negotiated.view === 'object') return object;
    if (negotiated.view === 'metadata') return partialMetadata(object, options.apiVersion);
    const table = { ...options, now: options.now(), withColumns };
    if (type === 'BOOKMARK') return emptyTable(object, table);
    withColumns = false;
    const { resourceVersion = '' } = object.metadata;
    return tableOf(definition, [object], { resourceVersion }, table);
  };
}

/** Answers a watch: lines of JSON until the client or the watch ends. @throws ApiError before the first byte */
export async function streamWatch(
  environment: Environment,
  exchange: Exchange,
  collection: Collection,
): Promise<void> {
  const negotiated = negotiate(exchange.accept);
  const view = viewer(collection, negotiated, {
    apiVersion: `meta.k8s.io/${negotiated.viewVersion}`,
    includeObject: includeObjectOf(exchange),
    now: () => environment.clock.now(),
  });
  const query = watchQueryOf(exchange);
  const writer = new EventWriter(exchange);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  // Events before the watch is known to be good wait: an error must still be able to set the status code.
  let early: WatchEvent[] | undefined = [];
  const watch = await environment.registry.watch({
    collection,
    query: { ...query, timeoutSeconds: query.timeoutSeconds ?? longestWatchSeconds },
    listener: {
      onEvent: (event) => {
        if (early !== undefined) early.push(event);
        else writer.write({ type: event.type, object: view(event) });
      },
      onEnd: (reason) => {
        if (reason !== undefined) writer.write({ type: 'ERROR', object: statusOf(reason) });
        end();
      },
    },
  });
  exchange.response.once('close', () => {
    watch.close();
    end();
  });
  startStream(exchange);
  for (const event of early) writer.write({ type: event.type, object: view(event) });
  early = undefined;
  await ended;
  writer.end();
}

/** Sends the head at once: clients wait for it before they go on. */
function startStream(exchange: Exchange): void {
  exchange.startStream('application/json');
  exchange.response.write('');
}
