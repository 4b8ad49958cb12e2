import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { startTestServer, type TestServer } from '../../apiserver/testing/api-server.ts';
import {
  createEventRecorder,
  createInformerSet,
  type EventRecorder,
  type InformerSet,
} from '../../client/index.ts';
import { systemClock } from '../../clock/index.ts';
import { formatAddress } from '../../ip/index.ts';
import { createKernel, type Kernel } from '../../kernel/index.ts';
import {
  ApiError,
  configMapKind,
  eventKind,
  podKind,
  secretKind,
  serviceAccountKind,
  serviceKind,
  type Pod,
  type PodSpec,
} from '../../kube/index.ts';
import {
  createContainerRuntime,
  createImageService,
  type ContainerRuntime,
  type ImageService,
} from '../../runtime/index.ts';
import { purgeContainers } from '../../runtime/oci/purge.ts';
import { NodeAgent } from '../agent.ts';
import { indexCaches } from '../cache-indexes.ts';
import type { NodeContext } from '../context.ts';
import type { LogOptions, NodeApi } from '../node-api.ts';
import { cidrTexts, defaultBlocks, nodeAddresses } from '../network/addresses.ts';
import { Fabric } from '../network/fabric.ts';
import { VethPodNetwork } from '../network/pod-network.ts';
import { leftovers } from './leftovers.ts';
import { until } from './until.ts';

/** One life of a daemon: an agent and what it is made of. */
interface AgentLife {
  readonly agent: NodeAgent;
  readonly context: NodeContext;
  close(): Promise<void>;
}

/** A machine with one real node, a real API server in this process and a real container runtime. */
export interface TestNode {
  readonly directory: string;
  readonly server: TestServer;
  readonly kernel: Kernel;
  /** What agents and their helpers logged; {@link TestNode.remove} fails when there is anything. */
  readonly log: string[];
  /** The API of the agent that runs. */
  readonly api: NodeApi;
  /** Starts an agent; a second one over the same directories adopts what the first left. */
  startAgent(): Promise<void>;
  /** Ends the agent as a daemon ends: what runs goes on. */
  stopAgent(): Promise<void>;
  /** Remembers the name of a pod that {@link TestNode.deleteOwn} deletes. */
  own(name: string): string;
  deleteOwn(): Promise<void>;
  /** The log of a pod's first container. */
  readLog(pod: string, options?: Partial<LogOptions>): Promise<string>;
  createPod(name: string, spec: PodSpec, metadata?: Partial<Pod['metadata']>): Promise<Pod>;
  getPod(name: string): Promise<Pod | undefined>;
  /** Resolves with the pod when the condition holds. @throws with `what` and the pod after half a minute */
  untilPod(name: string, what: string, condition: (pod: Pod) => boolean): Promise<Pod>;
  untilGone(name: string): Promise<void>;
  /** `REASON MESSAGE` of the Events about a pod. */
  events(name: string): Promise<string[]>;
  /** Removes everything; fails when a mount or a process is left. */
  remove(): Promise<void>;
}

const NODE = 'node1';
let counter = 0;

export async function createTestNode(): Promise<TestNode> {
  counter += 1;
  const directory = mkdtempSync(join(tmpdir(), 'portolan-node-'));
  const kernel = createKernel();
  const cgroupRoot = `portolan-node-test-${process.pid}-${counter}`;
  const namespaces = join(directory, 'ns');
  const containers = join(directory, 'containers');
  mkdirSync(namespaces);
  const fabric = new Fabric({
    kernel,
    blocks: defaultBlocks,
    paths: {
      fabric: join(namespaces, 'fabric'),
      nodePin: (name) => join(namespaces, `node-${name}`),
    },
    isAdopted: false,
  });
  const addresses = nodeAddresses(defaultBlocks, 1);
  const { netns } = fabric.addNode(NODE, addresses);
  let life: AgentLife | undefined;
  const owned: string[] = [];
  const log: string[] = [];
  const server = await startTestServer({
    nodeApi: () => life?.agent.api,
  });
  const { client } = server;
  await client.create(serviceAccountKind, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'default' },
  });
  const onError = (error: unknown): void => {
    log.push(String(error));
  };
  const images = createImageService({ directory: join(directory, 'images'), policy: 'stand-in' });

  function contextOf(parts: {
    informers: InformerSet;
    runtime: ContainerRuntime;
    images: ImageService;
    events: EventRecorder;
    network: VethPodNetwork;
  }): NodeContext {
    const { informers, ...rest } = parts;
    return {
      ...rest,
      nodeName: NODE,
      nodeIPs: addresses.nodeIPs.map(formatAddress),
      netns,
      client,
      caches: {
        pods: informers.of(podKind),
        services: informers.of(serviceKind),
        configMaps: informers.of(configMapKind),
        secrets: informers.of(secretKind),
      },
      kernel,
      clock: systemClock,
      paths: { pods: join(directory, 'pods'), logs: join(directory, 'logs'), namespaces },
      dns: {
        clusterServers: ['10.96.0.10'],
        clusterDomain: 'cluster.local',
        hostServers: [],
        hostSearch: [],
      },
      log: (text) => log.push(text),
      drained: () => Promise.resolve(),
    };
  }

  async function startAgent(): Promise<void> {
    const informers = createInformerSet(client, { clock: systemClock, onError });
    indexCaches({ pods: informers.of(podKind), services: informers.of(serviceKind) });
    const runtime = await createContainerRuntime({
      directory: containers,
      kernel,
      cgroupRoot,
      busybox: () => images.busybox(),
    });
    const events = createEventRecorder({
      client,
      clock: systemClock,
      component: 'kubelet',
      host: NODE,
      onError,
    });
    const network = new VethPodNetwork(kernel, netns);
    const context = contextOf({ informers, runtime, images, events, network });
    const agent = new NodeAgent({
      context,
      facts: {
        name: NODE,
        nodeIPs: context.nodeIPs,
        podCidrs: cidrTexts(addresses.podCidrs),
        labels: {},
        version: 'v1.36.0',
        runtimeVersion: 'runc://1',
      },
      podCidrs: addresses.podCidrs,
      containers: await runtime.list(),
    });
    life = {
      agent,
      context,
      async close() {
        await agent.close();
        await events.flush();
        await runtime.close();
        informers.close();
        network.close();
      },
    };
    await agent.start();
  }

  async function stopAgent(): Promise<void> {
    await life?.close();
    life = undefined;
  }

  function api(): NodeApi {
    if (life === undefined) throw new Error('no agent runs');
    return life.agent.api;
  }

  async function getPod(name: string): Promise<Pod | undefined> {
    try {
      return await client.get(podKind, { name, namespace: 'default' });
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }

  return {
    directory,
    server,
    kernel,
    log,
    get api() {
      return api();
    },
    startAgent,
    stopAgent,
    own(name) {
      owned.push(name);
      return name;
    },
    async deleteOwn() {
      for (const name of owned.splice(0)) {
        if ((await getPod(name)) === undefined) continue;
        await client.delete(podKind, { name, namespace: 'default' }, { gracePeriodSeconds: 0 });
      }
    },
    async readLog(pod, options = {}) {
      const out = new PassThrough();
      const shown = text(out);
      const target = { namespace: 'default', pod, container: '' };
      const plain = { follow: false, previous: false, timestamps: false };
      const { signal } = new AbortController();
      await api().logs(target, { ...plain, ...options }, out, signal);
      out.end();
      return shown;
    },
    getPod,
    createPod: (name, spec, metadata = {}) =>
      client.create(podKind, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', ...metadata },
        spec: { nodeName: NODE, automountServiceAccountToken: false, ...spec },
      }),
    async untilPod(name, what, condition) {
      let last: Pod | undefined;
      try {
        return await until(`${name}: ${what}`, async () => {
          last = await getPod(name);
          return last !== undefined && condition(last) ? last : undefined;
        });
      } catch (error) {
        throw new Error(`${String(error)}; ${JSON.stringify(last?.status)}; ${log.join('; ')}`, {
          cause: error,
        });
      }
    },
    untilGone: async (name) => {
      await until(`${name} is gone`, async () =>
        (await getPod(name)) === undefined ? true : undefined,
      );
    },
    async events(name) {
      await life?.context.events.flush();
      const { items } = await client.list(eventKind, { namespace: 'default' });
      return items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
        .map(({ reason = '', message = '' }) => `${reason} ${message}`);
    },
    async remove() {
      await stopAgent();
      await purgeContainers({ directory: containers, cgroupRoot, kernel });
      fabric.close();
      for (const pin of readdirSync(namespaces)) kernel.deleteNamespace(join(namespaces, pin));
      await server.close();
      assert.deepEqual([...log, ...leftovers(directory)], []);
      rmSync(directory, { recursive: true });
    },
  };
}
