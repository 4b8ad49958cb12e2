import { Backoff } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { Pod } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';
import type { MountedVolumes, PodVolumes } from '../volumes/volumes.ts';
import { Aborted } from './abortable.ts';
import { limitations } from './limitations.ts';
import type { PodStorage } from './pod-storage.ts';
import type { Sandbox } from './sandbox.ts';

/** Between attempts at a sandbox or volumes; the kubelet's figures for volumes. */
const RETRY = { baseMs: 500, capMs: 122_000 };

export interface PodGroundOptions {
  readonly context: NodeContext;
  readonly storage: PodStorage;
  /** The pod as the API has it now. */
  pod(): Pod;
  /** Ends what runs in a sandbox whose namespaces are gone, and lets it start anew. */
  evacuate(): Promise<void>;
}

/** What a pod's containers stand on: its sandbox and its volumes. */
export class PodGround {
  sandbox: Sandbox | undefined;
  private readonly options: PodGroundOptions;
  private readonly volumes: PodVolumes;
  private readonly backoff: Backoff;
  private mounted: MountedVolumes | undefined;
  private areVolumesStale = false;
  /** When sandbox and volumes are tried again after a failure. */
  private retryAt = 0;

  constructor(options: PodGroundOptions) {
    this.options = options;
    this.volumes = options.storage.volumesOf(options.pod());
    this.backoff = new Backoff(RETRY, { clock: options.context.clock });
  }

  /** Where the containers run, once everything is there. */
  get surroundings(): { sandbox: Sandbox; volumes: MountedVolumes['paths'] } | undefined {
    const { sandbox, mounted } = this;
    if (sandbox === undefined || mounted === undefined) return undefined;
    return { sandbox, volumes: mounted.paths };
  }

  /** When it wants to be prepared again although nothing happened; milliseconds since the epoch, Infinity for never. */
  get upkeepAt(): number {
    const isRetrying = this.retryAt > this.options.context.clock.now();
    return isRetrying ? this.retryAt : (this.mounted?.renewAt ?? Infinity);
  }

  /** Takes over the sandbox that outlived the last daemon. */
  adopt(): void {
    this.sandbox = this.options.storage.sandboxes.adopt(this.options.pod());
  }

  /** A ConfigMap or Secret that a volume shows changed. */
  refreshVolumes(): void {
    this.areVolumesStale = true;
  }

  /** What was missing may be there now: the next preparation does not wait. */
  retry(): void {
    this.retryAt = 0;
  }

  /** Sees to sandbox and volumes; an event says what is missing. */
  async prepare(): Promise<void> {
    const { clock } = this.options.context;
    if (this.retryAt > clock.now() && !this.areVolumesStale) return;
    const isPrepared = (await this.prepareSandbox()) && (await this.prepareVolumes());
    if (isPrepared) this.backoff.reset();
    this.retryAt = isPrepared ? 0 : clock.now() + this.backoff.next();
  }

  private async prepareSandbox(): Promise<boolean> {
    const { context, storage } = this.options;
    const pod = this.options.pod();
    try {
      if (this.sandbox !== undefined && !storage.sandboxes.isIntact(this.sandbox)) {
        await this.loseSandbox();
      }
      if (this.sandbox !== undefined) return true;
      if (!this.hasNetwork(pod)) return false;
      this.sandbox = await storage.sandboxes.create(pod);
      const given = { network: context.network, podIPs: this.sandbox.podIPs };
      for (const limitation of limitations(pod, given)) context.events.event(pod, limitation);
      return true;
    } catch (error) {
      if (error instanceof Aborted) throw error;
      this.warn('FailedCreatePodSandBox', `Failed to create pod sandbox: ${messageOf(error)}`);
      return false;
    }
  }

  /** Pods of the host's network need no other. */
  private hasNetwork(pod: Pod): boolean {
    const { problem } = this.options.context.network;
    if (problem === undefined || pod.spec.hostNetwork === true) return true;
    this.warn('NetworkNotReady', `network is not ready: ${problem}`);
    return false;
  }

  /** Namespaces that are gone come back as others: whatever still runs in the old ones starts anew. */
  private async loseSandbox(): Promise<void> {
    const { context } = this.options;
    const message = 'Pod sandbox changed, it will be killed and re-created.';
    const happening = { type: 'Normal' as const, reason: 'SandboxChanged', message };
    context.events.event(this.options.pod(), happening);
    await this.options.evacuate();
    this.sandbox = undefined;
  }

  private async prepareVolumes(): Promise<boolean> {
    const { context } = this.options;
    const isDue = (this.mounted?.renewAt ?? 0) <= context.clock.now();
    if (this.mounted !== undefined && !this.areVolumesStale && !isDue) return true;
    try {
      this.areVolumesStale = false;
      this.mounted = await this.volumes.mount(this.options.pod(), this.sandbox?.podIPs ?? []);
      return true;
    } catch (error) {
      this.warn('FailedMount', messageOf(error));
      return false;
    }
  }

  private warn(reason: string, message: string): void {
    const { context } = this.options;
    context.events.event(this.options.pod(), { type: 'Warning', reason, message });
  }

  /** Gives the sandbox back; volumes stay until the pod is removed. */
  async removeSandbox(): Promise<void> {
    const uid = this.options.pod().metadata.uid ?? '';
    if (this.sandbox !== undefined) await this.options.storage.sandboxes.remove(uid);
    this.sandbox = undefined;
  }
}
