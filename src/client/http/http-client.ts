import {
  apiVersionOf,
  type AnyObject,
  type KubeList,
  type KubeObject,
  type Resource,
} from '../../kube/index.ts';
import type {
  Client,
  DeleteOptions,
  ListOptions,
  ObjectRef,
  PatchType,
  Watch,
  WatchListener,
  WriteOptions,
} from '../client.ts';
import { Connection, type ApiRequest, type HttpClientOptions } from './connection.ts';
import { openWatch } from './http-watch.ts';
import { collectionPath, listQuery, objectPath, query } from './paths.ts';

const patchTypes: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

function writeQuery(options: WriteOptions = {}): string {
  return query({
    dryRun: options.dryRun === true ? 'All' : undefined,
    fieldManager: options.fieldManager,
  });
}

function deleteBody({ dryRun = false, ...options }: DeleteOptions): Record<string, unknown> {
  const dry = dryRun ? { dryRun: ['All'] } : {};
  return { apiVersion: 'v1', kind: 'DeleteOptions', ...options, ...dry };
}

/** The API server names kind and version once for a whole list; objects by themselves need them each. */
function completeList<T extends KubeObject>(resource: Resource<T>, list: KubeList<T>): KubeList<T> {
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  return { ...list, items: (list.items ?? []).map((item) => ({ ...type, ...item })) };
}

/** The Kubernetes API over HTTP. */
class HttpClient implements Client {
  private readonly connection: Connection;

  constructor(options: HttpClientOptions) {
    this.connection = new Connection(options);
  }

  get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): Promise<T> {
    return this.send({ method: 'GET', path: objectPath(resource, ref) });
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): Promise<KubeList<T>> {
    const path = collectionPath(resource, options.namespace) + query(listQuery(options));
    return completeList(resource, await this.send<KubeList<T>>({ method: 'GET', path }));
  }

  create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<T> {
    const path = collectionPath(resource, object.metadata.namespace) + writeQuery(options);
    return this.send({ method: 'POST', path, body: object });
  }

  update<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<T> {
    const path = objectPath(resource, object.metadata) + writeQuery(options);
    return this.send({ method: 'PUT', path, body: object });
  }

  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    const path = objectPath(resource, object.metadata, 'status');
    return this.send({ method: 'PUT', path, body: object });
  }

  patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef & { readonly subresource?: 'status' | 'scale' },
    patch: { readonly type: PatchType; readonly body: unknown },
  ): Promise<T> {
    return this.send({
      method: 'PATCH',
      path: objectPath(resource, ref, ref.subresource),
      body: patch.body,
      contentType: patchTypes[patch.type],
    });
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options: DeleteOptions = {},
  ): Promise<void> {
    const path = objectPath(resource, ref);
    await this.send({ method: 'DELETE', path, body: deleteBody(options) });
  }

  createSubresource<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef & { readonly subresource: string },
    body: AnyObject,
  ): Promise<AnyObject> {
    // Namespaces are finalized by replacing: the API has no POST for it.
    const method = ref.subresource === 'finalize' ? 'PUT' : 'POST';
    return this.send({ method, path: objectPath(resource, ref, ref.subresource), body });
  }

  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions,
    listener: WatchListener<T>,
  ): Watch {
    const parameters = { ...listQuery(options), watch: 'true', allowWatchBookmarks: 'true' };
    const path = collectionPath(resource, options.namespace) + query(parameters);
    return openWatch(this.connection, path, listener);
  }

  close(): void {
    this.connection.close();
  }

  private async send<T>(request: ApiRequest): Promise<T> {
    return (await this.connection.json(request)) as T;
  }
}

/** A client that holds connections. */
export type ClosableClient = Client & { close(): void };

/** Makes a client of an API server, e.g. with what `loadContext` read from a kubeconfig. */
export function createHttpClient(options: HttpClientOptions): ClosableClient {
  return new HttpClient(options);
}
