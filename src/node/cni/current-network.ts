import type { NetworkList } from '../../cni/index.ts';
import { CoalescingRunner, type Clock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import { ConfigFolders } from './config-folders.ts';
import { readNodeNetworkList, type NodeShare } from './node-network-list.ts';
import type { PluginChain } from './plugin-chain.ts';

/** What containerd says while there is no configuration. */
const UNINITIALIZED = 'cni plugin not initialized';
/** Between two questions to a plugin that says that it is not ready. */
const STATUS_RETRY = { baseMs: 1000, capMs: 10_000 };

export interface CurrentNetworkOptions extends NodeShare {
  readonly clock: Clock;
  /** Where network configurations are dropped, first choice first. */
  readonly configFolders: readonly string[];
}

/** The network configuration that counts now, and whether its plugins take pods. */
export class CurrentNetwork {
  private readonly options: CurrentNetworkOptions;
  private readonly chain: PluginChain;
  private readonly loader: CoalescingRunner;
  private readonly listeners: (() => void)[] = [];
  private folders: ConfigFolders | undefined;
  /** Undefined while there is none that can be read. */
  list: NetworkList | undefined;
  /** What is wrong, in containerd's words where it has some; undefined when nothing is. */
  trouble: string | undefined = UNINITIALIZED;

  constructor(options: CurrentNetworkOptions, chain: PluginChain) {
    this.options = options;
    this.chain = chain;
    this.loader = new CoalescingRunner({
      clock: options.clock,
      run: () => this.load(),
      retry: STATUS_RETRY,
      onError: (error) => this.become(this.list, messageOf(error)),
    });
  }

  /** Reads the configuration, and follows it from then on. */
  async open(): Promise<void> {
    this.folders = new ConfigFolders(this.options.configFolders, () => this.loader.request());
    try {
      await this.load();
    } catch (error) {
      this.become(this.list, messageOf(error));
      this.loader.request();
    }
  }

  /** Calls the listener whenever {@link CurrentNetwork.trouble} has changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** @throws CniError when a plugin says that it is not ready: it is asked again then */
  private async load(): Promise<void> {
    let list: NetworkList | undefined;
    try {
      const file = this.folders?.read();
      list = file === undefined ? undefined : readNodeNetworkList(file, this.options);
    } catch (error) {
      // Nothing changes before the file does, of which we hear.
      this.become(undefined, `cni config load failed: ${messageOf(error)}`);
      return;
    }
    if (list === undefined) {
      this.become(undefined, UNINITIALIZED);
      return;
    }
    this.list = list;
    await this.chain.status(list);
    this.become(list, undefined);
  }

  private become(list: NetworkList | undefined, trouble: string | undefined): void {
    const hasChanged = trouble !== this.trouble;
    this.list = list;
    this.trouble = trouble;
    if (hasChanged) for (const listener of this.listeners) listener();
  }

  close(): void {
    this.loader.close();
    this.folders?.close();
  }
}
