import { readFileSync, statfsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../fault/index.ts';
import { formatAddress, requireAddress, type Address } from '../../ip/index.ts';
import type { SandboxNamespaces } from '../../kernel/index.ts';
import type { Pod } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';
import type { AddressPool } from '../network/address-pool.ts';
import type { HostPort } from '../network/pod-network.ts';
import { etcHosts, podHostname, resolvConf } from './name-files.ts';

/** A pod's namespaces, network and the files that all its containers see. */
export interface Sandbox {
  /** What the pod keeps on the host: volumes, files, records. */
  readonly directory: string;
  readonly namespaces: SandboxNamespaces;
  readonly hostname: string;
  readonly podIPs: readonly string[];
  readonly files: {
    readonly hosts: string;
    readonly hostname: string;
    readonly resolvConf: string;
  };
}

/** What of a sandbox outlives the daemon, in `sandbox.json`. */
interface SandboxRecord {
  readonly hostname: string;
  readonly podIPs: readonly string[];
}

/** `NSFS_MAGIC` (include/uapi/linux/magic.h). */
const NSFS_MAGIC = 0x6e736673;

function isPinned(path: string): boolean {
  try {
    return statfsSync(path).type === NSFS_MAGIC;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** What is kept of a sandbox; undefined when there is none, or only the beginning of one. */
function readRecord(path: string): SandboxRecord | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as SandboxRecord;
  } catch {
    // The daemon was killed while it wrote: no container was started in it yet.
    return undefined;
  }
}

/** What a pod's containers ask of the node's own ports. */
function hostPorts({ spec }: Pod): HostPort[] {
  return spec.containers
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostPort, containerPort, protocol = 'TCP', hostIP }) =>
      hostPort === undefined
        ? []
        : [{ hostPort, containerPort, protocol, ...(hostIP === undefined ? {} : { hostIP }) }],
    );
}

/** The part of a node's context that sandboxes need. */
export type SandboxContext = Pick<
  NodeContext,
  'nodeName' | 'nodeIPs' | 'netns' | 'kernel' | 'network' | 'policies' | 'paths' | 'dns'
>;

/** Makes, finds again and removes the sandboxes of one node's pods. */
export class Sandboxes {
  private readonly context: SandboxContext;
  private readonly pool: AddressPool;

  constructor(context: SandboxContext, pool: AddressPool) {
    this.context = context;
    this.pool = pool;
  }

  directoryOf(uid: string): string {
    return join(this.context.paths.pods, uid);
  }

  private pins(uid: string): SandboxNamespaces {
    const pin = (kind: string): string => join(this.context.paths.namespaces, `${uid}-${kind}`);
    return { net: pin('net'), uts: pin('uts'), ipc: pin('ipc') };
  }

  private describe(pod: Pod, record: SandboxRecord): Sandbox {
    const uid = pod.metadata.uid ?? '';
    const directory = this.directoryOf(uid);
    const pins = this.pins(uid);
    const isHost = pod.spec.hostNetwork === true;
    return {
      directory,
      namespaces: isHost ? { ...pins, net: this.context.netns } : pins,
      hostname: record.hostname,
      podIPs: record.podIPs,
      files: {
        hosts: join(directory, 'hosts'),
        hostname: join(directory, 'hostname'),
        resolvConf: join(directory, 'resolv.conf'),
      },
    };
  }

  /** The sandbox of a pod that outlived the last daemon; whether it {@link isIntact} is another question. */
  adopt(pod: Pod): Sandbox | undefined {
    const uid = pod.metadata.uid ?? '';
    const record = readRecord(join(this.directoryOf(uid), 'sandbox.json'));
    if (record === undefined) return undefined;
    const [first] = record.podIPs;
    // Even when the namespaces are gone (the cluster was stopped), the pod keeps its addresses.
    if (first !== undefined && pod.spec.hostNetwork !== true) {
      this.pool.restore(uid, first);
      this.context.policies?.adopt(pod, record.podIPs.map(requireAddress));
    }
    return this.describe(pod, record);
  }

  /** Whether the sandbox's namespaces are there: they go with the machine, and with `portolan stop`. */
  isIntact({ namespaces }: Sandbox): boolean {
    return Object.values(namespaces).every(isPinned);
  }

  /** The pods that have, or may have, something on this node. */
  async known(): Promise<string[]> {
    return readdir(this.context.paths.pods);
  }

  /**
   * Makes a pod's sandbox: addresses, namespaces, wire, then the files.
   * @throws Fault when no address is left or the kernel refuses; nothing is left behind then.
   */
  async create(pod: Pod): Promise<Sandbox> {
    const { context } = this;
    const uid = pod.metadata.uid ?? '';
    const isHost = pod.spec.hostNetwork === true;
    const hostname = isHost ? context.nodeName : podHostname(pod, context.dns.clusterDomain);
    if (hostname === undefined) {
      throw new Fault({
        code: 'HOSTNAME_TOO_LONG',
        message: `failed to construct FQDN from pod hostname and cluster domain: longer than 64 characters`,
        advice: 'Shorten hostname or subdomain, or leave setHostnameAsFQDN off.',
      });
    }
    const pins = this.pins(uid);
    try {
      // The directory first: by it a new daemon knows that there may be something to remove.
      const isNew = (await mkdir(this.directoryOf(uid), { recursive: true })) !== undefined;
      if (!isNew) await this.takeDown(uid);
      context.kernel.createSandbox(pins, hostname);
      const addresses = isHost
        ? context.nodeIPs.map(requireAddress)
        : await this.attach(pod, pins.net);
      const record = { hostname, podIPs: addresses.map(formatAddress) };
      const sandbox = this.describe(pod, record);
      await this.writeFiles(pod, sandbox);
      await writeFile(join(sandbox.directory, 'sandbox.json'), JSON.stringify(record));
      return sandbox;
    } catch (error) {
      await this.remove(uid);
      throw error;
    }
  }

  /** Policies come before the link: no packet of the pod is ever judged by none (row 44). */
  private attach(pod: Pod, netns: string): Promise<readonly Address[]> {
    const { network, policies } = this.context;
    const { uid = '', namespace = '', name } = pod.metadata;
    const addresses = network.usesAddressPool ? this.pool.take(uid) : [];
    policies?.announce(pod, addresses);
    return network.attach({ uid, namespace, name, addresses, hostPorts: hostPorts(pod) }, netns);
  }

  private async writeFiles(pod: Pod, sandbox: Sandbox): Promise<void> {
    const { dns } = this.context;
    await writeFile(sandbox.files.hosts, etcHosts(pod, sandbox.podIPs, dns.clusterDomain));
    await writeFile(sandbox.files.hostname, `${sandbox.hostname}\n`);
    await writeFile(sandbox.files.resolvConf, resolvConf(pod, dns));
  }

  private async takeDown(uid: string): Promise<void> {
    const pins = this.pins(uid);
    await this.context.network.detach({ uid }, pins.net);
    for (const pin of Object.values(pins)) this.context.kernel.deleteNamespace(pin);
  }

  /** Removes wire and namespaces and frees the addresses; harmless when they are gone. */
  async remove(uid: string): Promise<void> {
    await this.takeDown(uid);
    this.context.policies?.retract(uid);
    this.pool.release(uid);
    await rm(join(this.directoryOf(uid), 'sandbox.json'), { force: true });
  }
}
