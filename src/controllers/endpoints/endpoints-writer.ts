import type { Client, Informer } from '../../client/index.ts';
import { endpointsKind, keyOf, type Endpoints } from '../../kube/index.ts';
import { deleteIfThere, isNotFound, isRefusedByTermination } from '../ensure.ts';
import { OwnWrites } from '../own-writes.ts';

/** Reads and writes Endpoints, and knows its own writes before the cache does. */
export class EndpointsWriter {
  private readonly client: Client;
  private readonly cache: Informer<Endpoints>;
  private readonly own: OwnWrites<Endpoints>;

  constructor(client: Client, cache: Informer<Endpoints>) {
    this.client = client;
    this.cache = cache;
    this.own = new OwnWrites(cache);
  }

  /** @param key `namespace/name` */
  get(key: string): Endpoints | undefined {
    const cached = this.cache.get(key);
    const isIt = (object: Endpoints) => keyOf(object) === key;
    return this.own.seenThrough(cached === undefined ? [] : [cached], isIt).at(0);
  }

  async create(object: Endpoints): Promise<void> {
    try {
      this.own.wrote(await this.client.create(endpointsKind, object));
    } catch (error) {
      // Nobody asks for endpoints in a namespace that is being emptied.
      if (!isRefusedByTermination(error)) throw error;
    }
  }

  async update(object: Endpoints): Promise<void> {
    try {
      this.own.wrote(await this.client.update(endpointsKind, object));
    } catch (error) {
      // Someone deleted it; the repetition that follows the error must not find it again.
      if (isNotFound(error)) this.own.deleted(object);
      throw error;
    }
  }

  async remove(object: Endpoints): Promise<void> {
    await deleteIfThere(this.client, endpointsKind, object);
    this.own.deleted(object);
  }
}
