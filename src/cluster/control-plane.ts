import { randomInt } from 'node:crypto';
import {
  admissionPlugins,
  clientReader,
  createApiServer,
  generateName,
  ServiceAllocator,
  type AdmissionPlugin,
  type ApiServer,
  type Pki,
} from '../apiserver/index.ts';
import {
  createEventRecorder,
  createInformerSet,
  type Client,
  type EventRecorder,
  type InformerSet,
} from '../client/index.ts';
import type { Clock } from '../clock/index.ts';
import { startControllers } from '../controllers/index.ts';
import { messageOf } from '../fault/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { cidrTexts, defaultBlocks, type NodeApi } from '../node/index.ts';
import { openSqliteStore } from '../store/index.ts';
import type { Closers } from './closers.ts';
import { places, type ClusterDirectories } from './directories.ts';
import { fabricApiAddresses, kubernetesServiceIPs } from './pki.ts';

/** The API server's port inside the fabric. */
export const FABRIC_API_PORT = 6443;

export interface ControlPlaneOptions {
  readonly directories: ClusterDirectories;
  readonly pki: Pki;
  readonly clock: Clock;
  readonly kernel: Kernel;
  /** Pin of the fabric's namespace, in which pods find the API server. */
  readonly fabric: string;
  /** The port on 127.0.0.1 that is tried first. */
  readonly apiPort: number;
  /** Whether the pods' network enforces NetworkPolicies; whoever writes one hears of it when not. */
  readonly policyEnforcement: boolean;
  readonly closers: Closers;
  nodeApi(node: string): NodeApi | undefined;
  readonly log: (text: string) => void;
}

/** The API server and what works behind it. */
export interface ControlPlane {
  readonly api: ApiServer;
  /** The port on 127.0.0.1 that was got. */
  readonly apiPort: number;
  readonly client: Client;
  readonly informers: InformerSet;
  readonly events: (component: string, host?: string) => EventRecorder;
}

/** `--service-node-port-range` of a Kubernetes API server. */
const NODE_PORTS = { first: 30_000, last: 32_767 };

function admission(
  client: Client,
  { clock, policyEnforcement, log }: ControlPlaneOptions,
): readonly AdmissionPlugin[] {
  return admissionPlugins({
    reader: clientReader(client),
    clock,
    generateName,
    allocator: new ServiceAllocator({
      serviceCidrs: cidrTexts(defaultBlocks.services),
      nodePorts: NODE_PORTS,
      pick: (bound) => randomInt(bound),
    }),
    policyEnforcement,
    log,
  });
}

async function listen(api: ApiServer, port: number): Promise<number> {
  try {
    return (await api.listen({ host: '127.0.0.1', port })).port;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return (await api.listen({ host: '127.0.0.1', port: 0 })).port;
  }
}

/** Opens the store and serves the API over it, on the host's loopback and inside the fabric. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { directories, pki, clock, kernel, fabric, closers, log } = options;
  const store = openSqliteStore({ path: places.store(directories) });
  closers.add(() => store.close());
  const kubernetesService = {
    clusterIPs: kubernetesServiceIPs().slice(0, 1),
    endpoint: { address: fabricApiAddresses()[0] ?? '', port: FABRIC_API_PORT },
  };
  const api = await createApiServer({
    store,
    pki,
    clock,
    admission: (client) => admission(client, options),
    nodeApi: (node) => options.nodeApi(node),
    serviceCidrs: cidrTexts(defaultBlocks.services),
    kubernetesService,
  });
  closers.add(() => api.close());
  const apiPort = await listen(api, options.apiPort);
  for (const address of fabricApiAddresses()) {
    await api.acceptFrom(kernel.listenTcp(fabric, { address, port: FABRIC_API_PORT }));
  }
  const client = api.localClient();
  const onError = (error: unknown): void => log(messageOf(error));
  const informers = createInformerSet(client, { clock, onError });
  closers.add(() => informers.close());
  const events = (component: string, host?: string): EventRecorder =>
    createEventRecorder({
      client,
      clock,
      component,
      ...(host === undefined ? {} : { host }),
      onError,
    });
  const controllers = startControllers({
    client,
    clock,
    informers,
    events,
    log,
    rootCertificate: pki.ca.certificate,
    kubernetesService,
  });
  closers.add(() => controllers.close());
  return { api, apiPort, client, informers, events };
}
