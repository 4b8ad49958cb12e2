import {
  CniError,
  hasOperation,
  pluginInput,
  readResult,
  resultIn,
  type CallAdditions,
  type CniResult,
  type NetworkList,
  type PluginConfig,
} from '../../cni/index.ts';
import type { Kernel, NamespacePath } from '../../kernel/index.ts';
import { callPlugin } from './call-plugin.ts';
import { findPlugin } from './find-plugin.ts';

export interface PluginChainOptions {
  readonly kernel: Kernel;
  /** Where plugins run: the node's namespace. */
  readonly netns: NamespacePath;
  /** Folders that have plugins, first choice first. */
  readonly pluginPath: readonly string[];
}

/** A pod's connection to a network, as plugins are told of it. */
export interface Attachment {
  readonly containerID: string;
  /** Path of the pod's namespace; empty when it is gone. */
  readonly netns: string;
  readonly ifname: string;
  /** `KEY=VALUE` pairs, separated by semicolons. */
  readonly args: string;
  /** By capability, for the plugins that name it. */
  readonly capabilities: Readonly<Record<string, unknown>>;
}

type Operation = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS';

/** The reference library's words for the operations, as they appear in events. */
const words: Readonly<Record<Operation, string>> = {
  ADD: 'add',
  DEL: 'delete',
  CHECK: 'check',
  GC: 'gc',
  STATUS: 'status',
};

/** What a call needs besides the plugin. */
interface CallDetails<T> {
  readonly environment: Readonly<Record<string, string>>;
  readonly additions: CallAdditions;
  /** Reads the answer. */
  readonly read?: (output: string) => T;
}

function environmentOf(attachment: Attachment): Record<string, string> {
  const { containerID, netns, ifname, args } = attachment;
  return {
    CNI_CONTAINERID: containerID,
    CNI_NETNS: netns,
    CNI_IFNAME: ifname,
    CNI_ARGS: args,
  };
}

/** Runs the plugins of network configurations, as the specification's section 3 orders them. */
export class PluginChain {
  private readonly options: PluginChainOptions;

  constructor(options: PluginChainOptions) {
    this.options = options;
  }

  /** Connects a pod: plugin after plugin, each with what the one before made. @throws CniError */
  async add(list: NetworkList, attachment: Attachment): Promise<CniResult> {
    const { capabilities } = attachment;
    const environment = environmentOf(attachment);
    let result: CniResult | undefined;
    for (const plugin of list.plugins) {
      const additions = { capabilities, ...(result === undefined ? {} : { prevResult: result }) };
      const read = (output: string) => resultIn(list.cniVersion, readResult(output));
      result = await this.call('ADD', list, plugin, { environment, additions, read });
    }
    if (result === undefined) throw new TypeError('a network has at least one plugin');
    return result;
  }

  /** Disconnects a pod, last plugin first; the first that fails ends it. @throws CniError */
  async delete(list: NetworkList, attachment: Attachment, prevResult?: CniResult): Promise<void> {
    const additions = this.additions(list, attachment, prevResult);
    const environment = environmentOf(attachment);
    for (const plugin of list.plugins.toReversed()) {
      await this.call('DEL', list, plugin, { environment, additions });
    }
  }

  /** Asks every plugin whether a pod's connection is still as it made it. @throws CniError */
  async check(list: NetworkList, attachment: Attachment, prevResult: CniResult): Promise<void> {
    if (list.disableCheck || !hasOperation(list, 'CHECK')) return;
    const additions = this.additions(list, attachment, prevResult);
    const environment = environmentOf(attachment);
    for (const plugin of list.plugins) {
      await this.call('CHECK', list, plugin, { environment, additions });
    }
  }

  /** Tells every plugin which attachments are in use; all are told before the first error is thrown. @throws CniError */
  async collect(
    list: NetworkList,
    validAttachments: NonNullable<CallAdditions['validAttachments']>,
  ): Promise<void> {
    if (list.disableGC || !hasOperation(list, 'GC')) return;
    const told = list.plugins.map((plugin) =>
      this.call('GC', list, plugin, { environment: {}, additions: { validAttachments } }),
    );
    const failed = (await Promise.allSettled(told)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** Asks every plugin whether it can take pods. @throws CniError */
  async status(list: NetworkList): Promise<void> {
    if (!hasOperation(list, 'STATUS')) return;
    for (const plugin of list.plugins) {
      await this.call('STATUS', list, plugin, { environment: {}, additions: {} });
    }
  }

  /** Before 0.4.0, DEL is not told what ADD made. */
  private additions(
    list: NetworkList,
    { capabilities }: Attachment,
    prevResult: CniResult | undefined,
  ): CallAdditions {
    const isTold = prevResult !== undefined && hasOperation(list, 'CHECK');
    return { capabilities, ...(isTold ? { prevResult } : {}) };
  }

  /** @returns what `read` makes of the plugin's answer: nothing when it is absent */
  private async call<T = void>(
    operation: Operation,
    list: NetworkList,
    plugin: PluginConfig,
    how: CallDetails<T>,
  ): Promise<T> {
    const { kernel, netns, pluginPath } = this.options;
    const variables = { CNI_COMMAND: operation, CNI_PATH: pluginPath.join(':') };
    try {
      const output = await callPlugin(kernel, {
        file: findPlugin(plugin.type, pluginPath),
        netns,
        environment: { ...how.environment, ...variables },
        input: pluginInput(list, plugin, how.additions),
      });
      return how.read?.(output) as T;
    } catch (error) {
      if (!(error instanceof CniError)) throw error;
      const which = `plugin type=${JSON.stringify(plugin.type)} name=${JSON.stringify(list.name)}`;
      const message = `${which} failed (${words[operation]}): ${error.message}`;
      throw new CniError({ number: error.number, message, cause: error });
    }
  }
}
