import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../../client/index.ts';
import { systemClock } from '../../clock/index.ts';
import { openSqliteStore, type Store } from '../../store/index.ts';
import { createPki, type Pki } from '../authentication/pki.ts';
import { createApiServer, type ApiServer, type ApiServerOptions } from '../server.ts';

/** A running API server with a store of its own, for tests. */
export interface TestServer {
  readonly server: ApiServer;
  readonly client: Client;
  readonly store: Store;
  readonly pki: Pki;
  readonly port: number;
  /** A kubeconfig of the administrator. */
  readonly kubeconfig: string;
  readonly directory: string;
  close(): Promise<void>;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function kubeconfigText(pki: Pki, port: number): string {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': base64(pki.ca.certificate),
  };
  const user = {
    'client-certificate-data': base64(pki.admin.certificate),
    'client-key-data': base64(pki.admin.key),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}

/** Starts an API server on a free port, with its store in a directory that {@link TestServer.close} removes. */
export async function startTestServer(
  options: Partial<Omit<ApiServerOptions, 'store' | 'pki'>> = {},
): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'portolan-apiserver-'));
  const store = openSqliteStore({ path: join(directory, 'store.db') });
  const pki = createPki({ now: systemClock.now() });
  const server = await createApiServer({ nodeApi: () => undefined, ...options, store, pki });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigText(pki, port), { mode: 0o600 });
  return {
    server,
    client: server.localClient(),
    store,
    pki,
    port,
    kubeconfig,
    directory,
    async close() {
      await server.close();
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}
