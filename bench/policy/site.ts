import { join } from 'node:path';
import {
  configMapKind,
  namespaceKind,
  networkPolicyKind,
  podKind,
  type NetworkPolicy,
  type Pod,
} from '../../src/kube/index.ts';
import type { BenchCluster, Workbench } from '../workbench.ts';
import { crowdNamespace, crowdPod, crowdPolicy, several } from './crowd.ts';

const manifest = join(import.meta.dirname, '..', 'manifests', 'policy.yaml');
const NAMESPACES = 10;
/** Pods that are real: the client and the server. */
const REAL_PODS = 2;

/** A cluster with a client and a server on two nodes, among as many other pods and policies as wanted. */
export class PolicySite {
  readonly cluster: BenchCluster;
  readonly client: Pod;
  readonly server: Pod;
  private readonly workbench: Workbench;
  private pods = 0;
  private policies = 0;
  private writes = 0;

  private constructor(
    workbench: Workbench,
    { cluster, client, server }: Pick<PolicySite, 'cluster' | 'client' | 'server'>,
  ) {
    this.workbench = workbench;
    this.cluster = cluster;
    this.client = client;
    this.server = server;
  }

  static async open(workbench: Workbench, cluster: BenchCluster): Promise<PolicySite> {
    const { kubectl } = workbench;
    await kubectl('apply', '-f', manifest);
    await kubectl('wait', '--for=condition=Ready', 'pod', '--all');
    const find = (name: string) => cluster.client.get(podKind, { namespace: 'default', name });
    const ends = { client: await find('client'), server: await find('server') };
    return new PolicySite(workbench, { cluster, ...ends });
  }

  /** The way from the client to the server. */
  get path(): { readonly from: string; readonly to: string; readonly address: string } {
    const pinOf = ({ metadata }: Pod): string => this.cluster.podPin(metadata.uid ?? '');
    return {
      from: pinOf(this.client),
      to: pinOf(this.server),
      address: this.server.status?.podIP ?? '',
    };
  }

  /** Has so many pods, the real ones among them. They can only become more. */
  async growTo(count: number): Promise<void> {
    if (this.pods === 0) await this.createNamespaces();
    const wanted = count - REAL_PODS;
    const names = several(wanted, (index) => index).slice(this.pods);
    await Promise.all(names.map((index) => this.addPod(index)));
    this.pods = wanted;
  }

  /** Has so many policies beside those that are measured; needs the pods' namespaces. */
  async havePolicies(count: number): Promise<void> {
    const { client } = this.cluster;
    const all = several(Math.max(count, this.policies), (index) => crowdPolicy(index, NAMESPACES));
    const more = all.slice(this.policies).map((policy) => client.create(networkPolicyKind, policy));
    const less = all.slice(count).map(({ metadata }) => client.delete(networkPolicyKind, metadata));
    await Promise.all(count > this.policies ? more : less);
    this.policies = count;
  }

  async apply(policy: NetworkPolicy): Promise<void> {
    await this.cluster.client.create(networkPolicyKind, policy);
  }

  async remove({ metadata }: NetworkPolicy): Promise<void> {
    await this.cluster.client.delete(networkPolicyKind, metadata);
  }

  /** Gives the client a label of its own. */
  async label(labels: Readonly<Record<string, string>>): Promise<void> {
    const body = { metadata: { labels } };
    await this.cluster.client.patch(podKind, this.client.metadata, { type: 'merge', body });
  }

  /** Writes something that policies have nothing to do with. */
  async writeIdly(): Promise<void> {
    const { client } = this.cluster;
    const metadata = { namespace: 'default', name: 'kube-root-ca.crt' };
    this.writes += 1;
    const body = { metadata: { annotations: { writes: String(this.writes) } } };
    await client.patch(configMapKind, metadata, { type: 'merge', body });
  }

  private async createNamespaces(): Promise<void> {
    for (const namespace of several(NAMESPACES, crowdNamespace)) {
      await this.cluster.client.create(namespaceKind, namespace);
      // Pods are refused before their namespace has it.
      const flags = ['--for=create', 'serviceaccount/default'];
      await this.workbench.kubectl('wait', ...flags, `--namespace=${namespace.metadata.name}`);
    }
  }

  /** An object with an address, that no scheduler takes and no node runs: to policies it is a pod like any other. */
  private async addPod(index: number): Promise<void> {
    const { client } = this.cluster;
    const pod = crowdPod(index);
    const spec = { ...pod.spec, schedulerName: 'nobody' };
    const created = await client.create(podKind, { ...pod, spec });
    await client.updateStatus(podKind, { ...created, ...(pod.status && { status: pod.status }) });
  }
}
