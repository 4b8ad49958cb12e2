import { createApiServer, type ApiServer, type Pki } from '../apiserver/index.ts';
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
import { kinds } from '../kube/index.ts';
import type { NodeApi } from '../node/index.ts';
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
  readonly closers: Closers;
  nodeApi(node: string): NodeApi | undefined;
  log(text: string): void;
}

/** The API server and what works behind it. */
export interface ControlPlane {
  readonly api: ApiServer;
  /** The port on 127.0.0.1 that was got. */
  readonly apiPort: number;
  readonly client: Client;
  readonly informers: InformerSet;
  events(component: string, host?: string): EventRecorder;
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
  const store = await openSqliteStore({ path: places.store(directories), clock });
  closers.add(() => store.close());
  const api = await createApiServer({
    store,
    kinds,
    pki,
    clock,
    nodeApi: (node) => options.nodeApi(node),
    serviceCIDRs: [],
    log,
  });
  closers.add(() => api.close());
  const apiPort = await listen(api, options.apiPort);
  for (const address of fabricApiAddresses()) {
    api.acceptFrom(kernel.listenTcp(fabric, { address, port: FABRIC_API_PORT }));
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
    kinds: () => kinds,
    rootCertificate: pki.ca.certificate,
    apiEndpoints: fabricApiAddresses().map((address) => ({ address, port: FABRIC_API_PORT })),
    serviceIPs: kubernetesServiceIPs(),
  });
  closers.add(() => controllers.close());
  return { api, apiPort, client, informers, events };
}
