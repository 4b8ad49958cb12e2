import { startTestServer, type TestServer } from '../../apiserver/testing/api-server.ts';
import {
  createEventRecorder,
  createInformerSet,
  type EventRecorder,
  type InformerSet,
} from '../../client/index.ts';
import { systemClock } from '../../clock/index.ts';
import {
  eventKind,
  nodeKind,
  serviceKind,
  type Node,
  type Service,
  type ServicePort,
  type ServiceSpec,
} from '../../kube/index.ts';
import { cidrTexts, defaultBlocks } from '../../node/index.ts';
import { createPublisher, type Publisher } from '../../publish/index.ts';
import { startCloud, type BalancerSummary, type Cloud } from '../cloud.ts';
import { defaultSettings, type BalancerSettings } from '../settings.ts';
import { nextTurn, OutsideWorld, type TestNode } from './outside-world.ts';

/** People do not have so many clusters: 127.19.249.0/24 and what follows is for tests, one block for each file. */
export type TestClusterIndex = 249 | 250 | 251 | 252 | 253;

/** Checks that a test need not wait for. */
const quickSettings: BalancerSettings = {
  ...defaultSettings,
  health: { intervalMs: 30, timeoutMs: 500, healthyThreshold: 2, unhealthyThreshold: 2 },
};

export interface ServiceParts {
  readonly ports: readonly ServicePort[];
  readonly spec?: Partial<ServiceSpec>;
  readonly annotations?: Record<string, string>;
}

/** A cloud over a real API server and real namespaces. */
export class CloudWorld {
  readonly outside = new OutsideWorld();
  readonly server: TestServer;
  readonly publisher: Publisher;
  readonly errors: unknown[] = [];
  cloud: Cloud;
  private informers: InformerSet;
  private recorders: EventRecorder[] = [];
  private readonly clusterIndex: TestClusterIndex;

  private constructor(server: TestServer, clusterIndex: TestClusterIndex) {
    this.server = server;
    this.clusterIndex = clusterIndex;
    const { kernel, fabric } = this.outside;
    this.publisher = createPublisher({ kernel, fabric });
    this.informers = this.openInformers();
    this.cloud = this.start();
  }

  static async open(clusterIndex: TestClusterIndex): Promise<CloudWorld> {
    const serviceCidrs = cidrTexts(defaultBlocks.services);
    const world = new CloudWorld(await startTestServer({ serviceCidrs }), clusterIndex);
    for (const node of world.outside.nodes) await world.addNode(node);
    return world;
  }

  /** Ends the cloud and starts another over the same API server. */
  async restart(): Promise<void> {
    await this.cloud.close();
    this.informers.close();
    this.informers = this.openInformers();
    this.cloud = this.start();
  }

  async createService(name: string, parts: ServiceParts): Promise<void> {
    await this.server.client.create(serviceKind, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default', annotations: parts.annotations ?? {} },
      spec: {
        type: 'LoadBalancer',
        ports: [...parts.ports],
        ...parts.spec,
      },
    });
  }

  async patchService(name: string, body: object): Promise<void> {
    const ref = { name, namespace: 'default' };
    await this.server.client.patch(serviceKind, ref, { type: 'merge', body });
  }

  async deleteService(name: string): Promise<void> {
    await this.server.client.delete(serviceKind, { name, namespace: 'default' });
  }

  getService(name: string): Service | undefined {
    return this.informers.of(serviceKind).get(`default/${name}`);
  }

  /** Resolves with the first version of the Service that is so; undefined stands for its absence. */
  service<T>(name: string, read: (service: Service | undefined) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = read(this.getService(name));
        if (found !== undefined) resolve(found);
      };
      this.informers.of(serviceKind).onChange(look);
      look();
    });
  }

  /** The Service's first external address. */
  externalIP(name: string): Promise<string> {
    return this.service(name, (service) => service?.status?.loadBalancer?.ingress?.[0]?.ip);
  }

  /** Resolves when what the cloud lists of a Service is so. */
  async listed(
    name: string,
    isSo: (summary: BalancerSummary | undefined) => boolean,
  ): Promise<BalancerSummary | undefined> {
    for (;;) {
      const summary = this.cloud.list().find((entry) => entry.name === name);
      if (isSo(summary)) return summary;
      await nextTurn();
    }
  }

  /** `TYPE REASON: MESSAGE` of a Service's Events, in order of their writing. */
  async events(name: string): Promise<string[]> {
    await Promise.all(this.recorders.map((recorder) => recorder.flush()));
    const { items } = await this.server.client.list(eventKind, { namespace: 'default' });
    return items
      .filter(({ involvedObject }) => involvedObject?.name === name)
      .toSorted((one, two) => version(one) - version(two))
      .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
  }

  /** Resolves when the Service's Events are so. */
  async told(name: string, isSo: (events: readonly string[]) => boolean): Promise<string[]> {
    for (;;) {
      const events = await this.events(name);
      if (isSo(events)) return events;
      await nextTurn();
    }
  }

  async patchNode(node: TestNode, body: object): Promise<void> {
    await this.server.client.patch(nodeKind, { name: node.name }, { type: 'merge', body });
  }

  async close(): Promise<void> {
    await this.cloud.close();
    await this.publisher.close();
    this.informers.close();
    await this.server.close();
    this.outside.close();
  }

  private start(): Cloud {
    const { client } = this.server;
    return startCloud({
      client,
      clock: systemClock,
      informers: this.informers,
      events: (component) => this.recorder(component),
      log: (text) => this.errors.push(text),
      kernel: this.outside.kernel,
      fabric: this.outside.fabric,
      clusterIndex: this.clusterIndex,
      publisher: this.publisher,
      defaults: quickSettings,
    });
  }

  private openInformers(): InformerSet {
    const onError = (error: unknown) => this.errors.push(error);
    return createInformerSet(this.server.client, { clock: systemClock, onError });
  }

  private recorder(component: string): EventRecorder {
    const recorder = createEventRecorder({
      client: this.server.client,
      clock: systemClock,
      component,
      onError: (error) => this.errors.push(error),
    });
    this.recorders.push(recorder);
    return recorder;
  }

  private async addNode({ name, ip, ip6 }: TestNode): Promise<void> {
    const { client } = this.server;
    const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} };
    await client.create(nodeKind, node);
    const addresses = [ip, ip6].map((address) => ({ type: 'InternalIP', address }));
    await client.patch(
      nodeKind,
      { name, subresource: 'status' },
      { type: 'merge', body: { status: { addresses } } },
    );
  }
}

function version({ metadata }: { metadata: { resourceVersion?: string } }): number {
  return Number(metadata.resourceVersion);
}
