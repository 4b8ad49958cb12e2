import type { Informer } from '../client/index.ts';
import { messageOf } from '../fault/index.ts';
import { isPodTerminal, keyOf, type Pod } from '../kube/index.ts';
import type { CancelTimer } from '../clock/index.ts';
import { DNS_NAMESPACE, dnsPodLabels } from './objects/cluster-objects.ts';
import { listenAt, type Closable, type PlaceOptions } from './node/place.ts';
import { TextPages, type Page } from './server/http-server.ts';

export interface PodServersOptions extends Omit<PlaceOptions, 'netns'> {
  readonly pods: Informer<Pod>;
  /** Pin of a pod's network namespace; undefined while it has none. */
  readonly podNetns: (pod: Pod) => string | undefined;
  /** Pages by port and path. */
  readonly pages: () => ReadonlyMap<number, Readonly<Record<string, Page>>>;
}

/** Its namespace may be a moment younger than what the API says of it. */
const RETRY_MS = 200;

function isDnsPod({ metadata }: Pod): boolean {
  const isLabelled = Object.entries(dnsPodLabels).every(
    ([key, value]) => metadata.labels?.[key] === value,
  );
  return metadata.namespace === DNS_NAMESPACE && isLabelled;
}

/** Serves DNS, metrics and health inside the pods of the `coredns` Deployment: whoever asks a pod itself finds them. */
export class PodServers {
  private readonly options: PodServersOptions;
  private readonly servers = new Map<string, Promise<Closable[]>>();
  private readonly retries = new Map<string, CancelTimer>();
  private isClosed = false;

  constructor(options: PodServersOptions) {
    this.options = options;
    options.pods.onChange(({ previous, next }) => {
      const pod = next ?? previous;
      if (pod === undefined || this.isClosed || !isDnsPod(pod)) return;
      if (next === undefined || isPodTerminal(next)) void this.stop(pod.metadata.uid ?? '');
      else this.start(next);
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.servers.keys()].map((uid) => this.stop(uid)));
  }

  private start(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (this.servers.has(uid)) return;
    const netns = this.options.podNetns(pod);
    if (netns === undefined) return;
    const started = this.listen(netns);
    this.servers.set(uid, started);
    started.catch((error: unknown) => {
      this.servers.delete(uid);
      this.options.log(`dns: cannot listen in ${keyOf(pod)}: ${messageOf(error)}`);
      this.retryLater(pod);
    });
  }

  private retryLater(pod: Pod): void {
    const { clock, pods } = this.options;
    const uid = pod.metadata.uid ?? '';
    const cancel = clock.setTimer(RETRY_MS, () => {
      this.retries.delete(uid);
      const now = pods.get(keyOf(pod));
      if (!this.isClosed && now?.metadata.uid === uid && !isPodTerminal(now)) this.start(now);
    });
    this.retries.set(uid, cancel);
  }

  private async listen(netns: string): Promise<Closable[]> {
    const { kernel, pages } = this.options;
    const servers = await listenAt({ ...this.options, netns }, '::');
    try {
      for (const [port, page] of pages()) {
        const fd = kernel.listenTcp(netns, { address: '::', port });
        servers.push(await TextPages.start(fd, page));
      }
      return servers;
    } catch (error) {
      await Promise.all(servers.map((server) => server.close()));
      throw error;
    }
  }

  private async stop(uid: string): Promise<void> {
    this.retries.get(uid)?.();
    this.retries.delete(uid);
    const started = this.servers.get(uid);
    this.servers.delete(uid);
    const servers = await started?.catch(() => []);
    await Promise.all((servers ?? []).map((server) => server.close()));
  }
}
