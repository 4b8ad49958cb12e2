import { randomInt } from 'node:crypto';
import type { Client } from '../client/index.ts';
import { systemClock, type Clock } from '../clock/index.ts';
import type { PortRange } from '../ip/index.ts';
import { kinds as builtInKinds, otherForms, type KindDefinition } from '../kube/index.ts';
import type { NodeApi } from '../node/index.ts';
import type { Store } from '../store/index.ts';
import {
  AdmissionChain,
  admissionPlugins,
  clientReader,
  type AdmissionPlugin,
} from './admission/index.ts';
import { ServiceAllocator } from './allocation/index.ts';
import { TokenKey } from './authentication/jwt.ts';
import type { Pki } from './authentication/pki.ts';
import { ServiceAccountTokens } from './authentication/service-account-tokens.ts';
import type { User } from './authentication/user.ts';
import { Authorizer } from './authorization/rbac.ts';
import { bootstrap, type KubernetesService } from './bootstrap.ts';
import { CustomKinds } from './custom/custom-kinds.ts';
import type { Environment } from './http/environment.ts';
import { Listener, type ListenAddress } from './http/listener.ts';
import { createRequestMetrics } from './http/request-metrics.ts';
import { serveRequest } from './http/serve.ts';
import { serveUpgrade } from './http/upgrade.ts';
import { createLocalClient } from './local-client.ts';
import { createOpenApi } from './openapi/open-api.ts';
import { Catalog } from './registry/catalog.ts';
import { generateName } from './registry/generate-name.ts';
import { Registry } from './registry/registry.ts';
import { storeReader } from './registry/store-reader.ts';
import { SubresourceTable } from './registry/subresources/table.ts';
import { accessReviews } from './reviews/access.ts';
import { identityReviews } from './reviews/identity.ts';
import { handleUpgrade } from './streaming/handle-upgrade.ts';
import { kubernetesVersion } from './version.ts';

export interface ApiServerOptions {
  readonly store: Store;
  readonly pki: Pki;
  /** The built-in kinds; all of `kube/` with their other forms when absent. */
  readonly kinds?: readonly KindDefinition[];
  /** Blocks of Service addresses, the default family first; `10.96.0.0/12` when absent. */
  readonly serviceCidrs?: readonly string[];
  /** Ports that NodePort Services get; 30000 to 32767 when absent. */
  readonly nodePorts?: PortRange;
  /** Whether the cluster's network enforces policies; true when absent. When not, every write of one is warned of. */
  readonly policyEnforcement?: boolean;
  /** The Service `default/kubernetes` and where it leads; absent: it is not made. */
  readonly kubernetesService?: KubernetesService;
  /** The admission plugins in their order, which read through `client`; Kubernetes' own when absent. */
  admission?(client: Client): readonly AdmissionPlugin[];
  /** The agent of a node; undefined when it is not running. */
  nodeApi(nodeName: string): NodeApi | undefined;
  readonly clock?: Clock;
  /** Takes what nobody else hears of: failures of the server's own work. Dropped when absent. */
  log?(text: string): void;
}

export interface ApiServer {
  /** A client in this process; it is not subject to RBAC. Absent `user`: the API server itself. */
  localClient(user?: User): Client;
  /** Serves HTTPS on an address of the process's own network. @throws the system's error, such as `EADDRINUSE` */
  listen(address: ListenAddress): Promise<{ readonly port: number }>;
  /** Serves HTTPS on a socket that listens already, say in another network namespace; owns it from here on. */
  acceptFrom(fd: number): Promise<void>;
  /** Cuts all connections; the store stays open. */
  close(): Promise<void>;
}

function createTokens(
  options: ApiServerOptions,
  clock: Clock,
): {
  readonly tokenKey: TokenKey;
  readonly tokens: ServiceAccountTokens;
} {
  const tokenKey = new TokenKey(options.pki.serviceAccountKey);
  const reader = storeReader(options.store);
  const tokens = new ServiceAccountTokens({
    key: tokenKey,
    clock,
    read: (plural, ref) => reader.get({ group: '', plural }, ref),
  });
  return { tokenKey, tokens };
}

function createAuthorizer(store: Store): Authorizer {
  const reader = storeReader(store);
  const group = 'rbac.authorization.k8s.io';
  return new Authorizer({
    get: (plural, name, namespace) => reader.get({ group, plural }, { name, namespace }),
    list: (plural, namespace) => reader.list({ group, plural }, namespace),
  });
}

const defaultServiceCidrs = ['10.96.0.0/12'];
const defaultNodePorts: PortRange = { first: 30_000, last: 32_767 };

function standardAdmission(
  options: ApiServerOptions,
  client: Client,
  clock: Clock,
): readonly AdmissionPlugin[] {
  const allocator = new ServiceAllocator({
    serviceCidrs: options.serviceCidrs ?? defaultServiceCidrs,
    nodePorts: options.nodePorts ?? defaultNodePorts,
    pick: (bound) => randomInt(bound),
  });
  return admissionPlugins({
    reader: clientReader(client),
    clock,
    generateName,
    allocator,
    ...(options.policyEnforcement === undefined
      ? {}
      : { policyEnforcement: options.policyEnforcement }),
    log: (text) => options.log?.(text),
  });
}

/** The chain reads through the registry that it is part of: it is filled after both are made. */
function createRegistry(
  options: ApiServerOptions,
  clock: Clock,
  tokens: ServiceAccountTokens,
): Registry {
  const plugins: AdmissionPlugin[] = [];
  const registry = new Registry(
    {
      store: options.store,
      clock,
      catalog: new Catalog(options.kinds ?? [...builtInKinds, ...otherForms]),
      admission: new AdmissionChain(plugins),
    },
    new SubresourceTable((account, request) => tokens.issue(account, request)),
  );
  const client = createLocalClient(registry);
  plugins.push(...(options.admission?.(client) ?? standardAdmission(options, client, clock)));
  return registry;
}

function createEnvironment(options: ApiServerOptions, address: () => string): Environment {
  const { clock = systemClock } = options;
  const { tokenKey, tokens } = createTokens(options, clock);
  const registry = createRegistry(options, clock, tokens);
  const authorizer = createAuthorizer(options.store);
  return {
    clock,
    registry,
    authorizer,
    tokens,
    tokenKey,
    reviews: [...identityReviews(tokens), ...accessReviews(authorizer)],
    openApi: createOpenApi({
      kinds: () => registry.catalog.definitions(),
      version: kubernetesVersion,
    }),
    nodeApi: (nodeName) => options.nodeApi(nodeName),
    address,
    metrics: createRequestMetrics(),
  };
}

function createListener(environment: Environment, { pki }: ApiServerOptions): Listener {
  return new Listener({
    serving: pki.serving,
    clientCa: pki.ca.certificate,
    onRequest: (request, response) => void serveRequest(environment, request, response),
    onUpgrade: (request, socket, head) =>
      void serveUpgrade(environment, { request, socket, head }, handleUpgrade),
  });
}

/** Makes the API server over a store: its contents are ready when the promise resolves, `listen` opens the door. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  let address = '127.0.0.1';
  const environment = createEnvironment(options, () => address);
  const { registry } = environment;
  const client = createLocalClient(registry);
  const log = (text: string): void => options.log?.(text);
  const customKinds = await CustomKinds.start({ registry, client, log });
  await bootstrap(client, registry.catalog, {
    serviceCidrs: options.serviceCidrs ?? defaultServiceCidrs,
    service: options.kubernetesService,
  });
  const listener = createListener(environment, options);
  return {
    localClient: (user) => createLocalClient(registry, user),
    async listen(where) {
      const { port } = await listener.listen(where);
      address = `${where.host}:${port}`;
      return { port };
    },
    acceptFrom: (fd) => listener.acceptFrom(fd),
    async close() {
      await customKinds?.close();
      await listener.close();
    },
  };
}
