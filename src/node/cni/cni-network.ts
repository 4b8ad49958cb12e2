import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { podAddresses, type NetworkList } from '../../cni/index.ts';
import { Fault, messageOf } from '../../fault/index.ts';
import { containsAddress, requireCidr, type Address } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { POD_LINK, type PodNetwork, type PodWire } from '../network/pod-network.ts';
import type { DnsSettings } from '../pod/name-files.ts';
import { Attachments, type AttachmentRecord } from './attachments.ts';
import { argumentsOf, capabilitiesOf } from './capabilities.ts';
import { CurrentNetwork, type CurrentNetworkOptions } from './current-network.ts';
import { PluginChain, type Attachment } from './plugin-chain.ts';

export interface CniPodNetworkOptions extends CurrentNetworkOptions {
  readonly kernel: Kernel;
  /** Pin of the node's namespace. */
  readonly netns: string;
  /** Folders that have plugins, first choice first. */
  readonly pluginPath: readonly string[];
  readonly dns: DnsSettings;
  readonly log: (text: string) => void;
}

/** Frames between the pods of one bridge must pass the node's rules, or what a Service answers would bypass them. */
const BRIDGE_SWITCHES = [
  'net/bridge/bridge-nf-call-iptables',
  'net/bridge/bridge-nf-call-ip6tables',
];

/** An id as sandboxes have it, the same for all attempts at one pod. */
function containerIdOf(uid: string): string {
  return createHash('sha256').update(uid).digest('hex');
}

function sandboxFault(what: string, containerID: string, cause: unknown): Fault {
  return new Fault({
    code: 'CNI_FAILED',
    message: `rpc error: code = Unknown desc = failed to ${what} network for sandbox "${containerID}": ${messageOf(cause)}`,
    cause,
  });
}

/** A node's pod network made by CNI plugins, from the network configuration that lies in the node's folder. */
export class CniPodNetwork implements PodNetwork {
  readonly usesAddressPool = false;
  private readonly options: CniPodNetworkOptions;
  private readonly chain: PluginChain;
  private readonly attachments: Attachments;
  private readonly current: CurrentNetwork;

  constructor(options: CniPodNetworkOptions) {
    this.options = options;
    this.chain = new PluginChain(options);
    this.attachments = new Attachments(join(options.stateFolder, 'attachments'));
    this.current = new CurrentNetwork(options, this.chain);
  }

  get problem(): string | undefined {
    const { trouble } = this.current;
    if (trouble === undefined) return undefined;
    return `container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: ${trouble}`;
  }

  get opensHostPorts(): boolean {
    const plugins = this.current.list?.plugins ?? [];
    return plugins.some(({ capabilities }) => capabilities?.['portMappings'] === true);
  }

  /** The nodes have routes to each other's blocks, and to nothing else. */
  isRouted(address: Address): boolean {
    return this.options.podCidrs.some((cidr) => containsAddress(requireCidr(cidr), address));
  }

  /** Reads the configuration, and follows it from then on. */
  async open(): Promise<void> {
    this.letBridgesAskRules();
    await this.current.open();
  }

  private letBridgesAskRules(): void {
    const { kernel, netns, log } = this.options;
    for (const name of BRIDGE_SWITCHES) {
      if (existsSync(join('/proc/sys', name))) kernel.writeSysctl(netns, name, '1');
      else
        log(
          `no ${name}: without br_netfilter, pods of one bridge do not reach each other by Service`,
        );
    }
  }

  onChange(listener: () => void): void {
    this.current.onChange(listener);
  }

  /** @throws Fault `CNI_FAILED` in the words that the kubelet puts into events */
  async attach(pod: PodWire, netns: string): Promise<readonly Address[]> {
    const { list, trouble } = this.current;
    const containerID = containerIdOf(pod.uid);
    if (list === undefined) throw sandboxFault('setup', containerID, trouble);
    const { podCidrs, dns } = this.options;
    const attachment: Attachment = {
      containerID,
      netns,
      ifname: POD_LINK,
      args: argumentsOf(pod, containerID),
      capabilities: capabilitiesOf(pod, podCidrs, dns),
    };
    // First: whatever ADD leaves behind is DEL's to remove.
    this.attachments.write(pod.uid, { list, attachment });
    const addresses = await this.add(pod.uid, { list, attachment });
    if (addresses.length > 0) return addresses;
    throw sandboxFault('setup', containerID, 'the plugins gave the pod no address');
  }

  private async add(uid: string, { list, attachment }: AttachmentRecord): Promise<Address[]> {
    try {
      const result = await this.chain.add(list, attachment);
      this.attachments.write(uid, { list, attachment, result });
      return podAddresses(result);
    } catch (error) {
      throw sandboxFault('setup', attachment.containerID, error);
    }
  }

  /**
   * A pod whose ADD failed has nothing that it would have to keep: what DEL says of it is logged, and the next attempt, or
   * {@link tidy}, asks again.
   * @throws Fault `CNI_FAILED`: the pod stays attached, and detaching it is tried again
   */
  async detach({ uid }: Pick<PodWire, 'uid'>): Promise<void> {
    const record = this.attachments.read(uid);
    if (record === undefined) return;
    const { attachment, result } = record;
    try {
      await this.delete(record);
      await this.attachments.remove(uid);
    } catch (error) {
      const fault = sandboxFault('destroy', attachment.containerID, error);
      if (result !== undefined) throw fault;
      this.options.log(fault.message);
    }
  }

  private async delete({ list, attachment, result }: AttachmentRecord): Promise<void> {
    const netns = existsSync(attachment.netns) ? attachment.netns : '';
    // The configuration that ADD failed with may have been the mistake.
    const current = result === undefined ? (this.current.list ?? list) : list;
    await this.chain.delete(current, { ...attachment, netns }, result);
  }

  /** Takes off what no pod has any more, asks after the others, and lets plugins clean up what nobody knows of. */
  async tidy(uids: ReadonlySet<string>): Promise<void> {
    for (const uid of await this.attachments.list()) {
      await this.logged(() => (uids.has(uid) ? this.check(uid) : this.detach({ uid })));
    }
    const { list } = this.current;
    if (list !== undefined) await this.logged(() => this.collect(list));
  }

  private async check(uid: string): Promise<void> {
    const record = this.attachments.read(uid);
    if (record?.result === undefined || !existsSync(record.attachment.netns)) return;
    await this.chain.check(record.list, record.attachment, record.result);
  }

  private async collect(list: NetworkList): Promise<void> {
    const uids = await this.attachments.list();
    const valid = uids.map((uid) => ({ containerID: containerIdOf(uid), ifname: POD_LINK }));
    await this.chain.collect(list, valid);
  }

  private async logged(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.options.log(`pod network: ${messageOf(error)}`);
    }
  }

  close(): void {
    this.current.close();
  }
}
