import type { Client } from '../client/client.ts';
import { systemClock, type Clock } from '../clock/index.ts';
import { kinds as builtInKinds, type AnyObject, type KindDefinition } from '../kube/index.ts';
import type { NodeApi } from '../node/node-api.ts';
import type { Store } from '../store/index.ts';
import { AdmissionChain } from './admission/chain.ts';
import type { AdmissionPlugin } from './admission/contract.ts';
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
  /** The built-in kinds; all of `kube/` when absent. */
  readonly kinds?: readonly KindDefinition[];
  /**
   * Makes the admission plugins, in their order. They read through the API server that they are part of, hence the
   * function.
   */
  admission?(client: Client): readonly AdmissionPlugin[];
  /** The agent of a node; undefined when it is not running. */
  nodeApi(nodeName: string): NodeApi | undefined;
  /** The Service `default/kubernetes` and where it leads; absent: it is not made. */
  readonly kubernetesService?: KubernetesService;
  readonly clock?: Clock;
}

export interface ApiServer {
  /** A client in this process; it is not subject to RBAC. Absent `user`: the API server itself. */
  localClient(user?: User): Client;
  /** Serves HTTPS on an address of the process's own network. @throws Fault `APISERVER_CANNOT_LISTEN` */
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

/** The chain is made after the registry that its plugins read through. */
function lateAdmission(): {
  admit: AdmissionChain['admit'];
  set(plugins: readonly AdmissionPlugin[]): void;
} {
  let chain = new AdmissionChain([]);
  return {
    admit: (request) => chain.admit(request),
    set: (plugins) => {
      chain = new AdmissionChain(plugins);
    },
  };
}

function createRegistry(
  options: ApiServerOptions,
  clock: Clock,
  tokens: ServiceAccountTokens,
): Registry {
  const catalog = new Catalog(options.kinds ?? builtInKinds);
  const admission = lateAdmission();
  const subresources = new SubresourceTable((account: AnyObject, request: AnyObject) =>
    tokens.issue(account, request),
  );
  const registry = new Registry({ store: options.store, clock, catalog, admission }, subresources);
  admission.set(options.admission?.(createLocalClient(registry)) ?? []);
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
  const customKinds = await CustomKinds.start(registry);
  await bootstrap(createLocalClient(registry), registry.catalog, options.kubernetesService);
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
      customKinds.close();
      await listener.close();
    },
  };
}
