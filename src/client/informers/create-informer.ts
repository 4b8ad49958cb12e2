import { Backoff, type CancelTimer, type Clock } from '../../clock/index.ts';
import { ApiError, type KubeObject, type Resource } from '../../kube/index.ts';
import type { Client, Watch, WatchEvent } from '../client.ts';
import type { Informer } from '../informer.ts';
import { Cache } from './cache.ts';

export interface InformerOptions {
  readonly clock: Clock;
  /** All namespaces when absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Hears of failed lists, broken watches and listeners that throw; the informer goes on by itself. */
  readonly onError: (error: unknown) => void;
}

/** Quick at first, because the API server may just be starting; the cap is client-go's. */
const retry = { baseMs: 20, capMs: 30_000, jitter: 0.2 };

function asksForList(reason: Error | undefined): boolean {
  return reason instanceof ApiError && (reason.reason === 'Expired' || reason.reason === 'Gone');
}

/** Keeps a cache equal to what the API holds, until it is closed. */
class Reflector<T extends KubeObject> {
  readonly synced: Promise<void>;
  private readonly client: Client;
  private readonly resource: Resource<T>;
  private readonly options: InformerOptions;
  private readonly cache: Cache<T>;
  private readonly backoff: Backoff;
  private readonly resolveSynced: () => void;
  private closed = false;
  private watch: Watch | undefined;
  private cancelTimer: CancelTimer = () => {};
  private position = '';

  constructor(
    client: Client,
    resource: Resource<T>,
    { options, cache }: { options: InformerOptions; cache: Cache<T> },
  ) {
    this.client = client;
    this.resource = resource;
    this.options = options;
    this.cache = cache;
    this.backoff = new Backoff(retry, { clock: options.clock });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.synced = promise;
    this.resolveSynced = resolve;
  }

  async relist(): Promise<void> {
    try {
      const list = await this.client.list(this.resource, this.query());
      if (this.closed) return;
      this.position = list.metadata.resourceVersion ?? '';
      this.cache.replace(list.items);
      this.resolveSynced();
      this.follow();
    } catch (error) {
      this.options.onError(error);
      this.later(() => void this.relist());
    }
  }

  close(): void {
    this.closed = true;
    this.cancelTimer();
    this.watch?.close();
  }

  /** Watches from where the cache stands. */
  private follow(): void {
    if (this.closed) return;
    const query = { ...this.query(), resourceVersion: this.position };
    this.watch = this.client.watch(this.resource, query, {
      onEvent: (event) => this.take(event),
      onEnd: (reason) => this.ended(reason),
    });
  }

  private take({ type, object }: WatchEvent<T>): void {
    if (this.closed) return;
    this.backoff.reset();
    this.position = object.metadata.resourceVersion ?? this.position;
    if (type === 'DELETED') this.cache.delete(object);
    else if (type !== 'BOOKMARK') this.cache.set(object);
  }

  private ended(reason: Error | undefined): void {
    if (this.closed) return;
    if (asksForList(reason)) {
      this.later(() => void this.relist());
      return;
    }
    if (reason !== undefined) this.options.onError(reason);
    this.later(() => this.follow());
  }

  private later(run: () => void): void {
    if (this.closed) return;
    this.cancelTimer = this.options.clock.setTimer(this.backoff.next(), run);
  }

  private query() {
    const { namespace, labelSelector, fieldSelector } = this.options;
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
  }
}

/** Starts a synchronised cache of one resource. It survives everything but `close()`. */
export function createInformer<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  options: InformerOptions,
): Informer<T> {
  const cache = new Cache<T>(options.onError);
  const reflector = new Reflector(client, resource, { options, cache });
  void reflector.relist();
  return {
    synced: reflector.synced,
    get: (key) => cache.get(key),
    list: () => cache.list(),
    byIndex: (index, value) => cache.byIndex(index, value),
    indexBy: (index, keys) => cache.indexBy(index, keys),
    onChange: (listener) => cache.onChange(listener),
    close: () => reflector.close(),
  };
}
