import { createWorld, type World as Api } from '../../client/testing/world.ts';
import { createEventRecorder } from '../../client/index.ts';
import { systemClock } from '../../clock/index.ts';
import {
  configMapKind,
  endpointSliceKind,
  namespaceKind,
  nodeKind,
  podKind,
  serviceKind,
  type Pod,
  type Service,
} from '../../kube/index.ts';
import { recordText, type Message } from '../../dnswire/index.ts';
import { World as Network } from '../../plan/testing/world.ts';
import { createClusterView } from '../../snapshot/index.ts';
import { startDns, type ClusterDns, type DnsServing } from '../start-dns.ts';
import type { Route } from './client.ts';

export const SERVICE_IP = '10.96.0.10';
export const SERVICE_IP6 = 'fd00:10:96::a';

/** A node with two pods in real namespaces under the real Service rules, a small API, and cluster DNS over both. */
export class Lab {
  readonly network = new Network();
  readonly api: Api = createWorld();
  readonly lines: string[] = [];
  private running: ClusterDns | undefined;

  get dns(): ClusterDns {
    if (this.running === undefined) throw new Error('the lab is not started');
    return this.running;
  }

  async start(hostServers: readonly string[] = []): Promise<void> {
    const { informers } = this.api;
    const view = createClusterView({
      services: informers.of(serviceKind),
      slices: informers.of(endpointSliceKind),
      pods: informers.of(podKind),
      nodes: informers.of(nodeKind),
      namespaces: informers.of(namespaceKind),
    });
    await view.synced;
    this.running = await startDns({
      kernel: this.network.test.kernel,
      clock: systemClock,
      nodes: [{ name: 'node-1', netns: this.network.node.path }],
      view,
      informers,
      events: createEventRecorder({
        client: this.api.client,
        clock: systemClock,
        component: 'coredns',
        onError: (error) => this.lines.push(String(error)),
      }),
      serviceIPs: [SERVICE_IP, SERVICE_IP6],
      clusterDomain: 'cluster.local',
      host: { servers: hostServers, search: [] },
      log: (text) => this.lines.push(text),
    });
  }

  /** Serves in the second pod, as in a container of CoreDNS; its log goes to `lines`. */
  async container(lines: string[] = []): Promise<DnsServing> {
    const { path } = this.network.podB;
    return this.dns.serveContainer({ netns: path, log: (text) => lines.push(text) });
  }

  async close(): Promise<void> {
    await this.running?.close();
    await this.api.close();
    this.network.dispose();
  }

  /** From the first pod to the Service. */
  route(address = SERVICE_IP): Route {
    const { test, podA } = this.network;
    return { kernel: test.kernel, from: podA.path, to: { address, port: 53 } };
  }

  async namespace(name: string): Promise<void> {
    await this.api.client.create(namespaceKind, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    });
  }

  async service(name: string, clusterIP: string): Promise<Service> {
    return this.api.client.create(serviceKind, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { clusterIP, clusterIPs: [clusterIP], ports: [{ name: 'http', port: 80 }] },
    });
  }

  async pod(pod: Pick<Pod, 'metadata'>, ip: string): Promise<void> {
    await this.api.client.create(podKind, {
      apiVersion: 'v1',
      kind: 'Pod',
      spec: { containers: [] },
      status: { podIPs: [{ ip }] },
      ...pod,
    });
  }

  /** Writes the ConfigMap of the servers. */
  async configure(corefile: string): Promise<void> {
    const { client } = this.api;
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'coredns', namespace: 'kube-system' },
      data: { Corefile: corefile },
    };
    const { items } = await client.list(configMapKind);
    if (items.length === 0) await client.create(configMapKind, object);
    else await client.update(configMapKind, object);
  }
}

/** The answers of a response, one line each. */
export function answersOf({ answers }: Message): string[] {
  return answers.map(recordText);
}
