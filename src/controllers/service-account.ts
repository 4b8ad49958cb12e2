import {
  ApiError,
  configMapKind,
  namespaceKind,
  serviceAccountKind,
  type ConfigMap,
  type Namespace,
} from '../kube/index.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { startLoop } from './run.ts';

const COMPONENT = 'service-account-controller';
const ACCOUNT = 'default';
const ROOT_CERTIFICATES = 'kube-root-ca.crt';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export interface ServiceAccountOptions {
  /** PEM of the cluster's CA. */
  readonly rootCertificate: string;
}

function isActive(namespace: Namespace | undefined): boolean {
  return namespace !== undefined && namespace.metadata.deletionTimestamp === undefined;
}

/** Another writer, or the namespace's end, got there first: both are as good as done. */
function isHarmless(error: unknown): boolean {
  return (
    error instanceof ApiError && ['AlreadyExists', 'NotFound', 'Forbidden'].includes(error.reason)
  );
}

function rootCertificates(namespace: string, certificate: string): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: ROOT_CERTIFICATES,
      namespace,
      annotations: { 'kubernetes.io/description': DESCRIPTION },
    },
    data: { 'ca.crt': certificate },
  };
}

/** Keeps the ServiceAccount `default` and the ConfigMap `kube-root-ca.crt` in every namespace. */
export function startServiceAccountController(
  context: ControllerContext,
  { rootCertificate }: ServiceAccountOptions,
): Controller {
  const { client, informers } = context;
  const namespaces = informers.of(namespaceKind);
  const accounts = informers.of(serviceAccountKind);
  const configMaps = informers.of(configMapKind);

  const ensureAccount = async (namespace: string): Promise<void> => {
    if (accounts.get(`${namespace}/${ACCOUNT}`) !== undefined) return;
    await client.create(serviceAccountKind, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: ACCOUNT, namespace },
    });
  };
  const ensureCertificates = async (namespace: string): Promise<void> => {
    const existing = configMaps.get(`${namespace}/${ROOT_CERTIFICATES}`);
    if (existing?.data?.['ca.crt'] === rootCertificate) return;
    const wanted = rootCertificates(namespace, rootCertificate);
    if (existing === undefined) await client.create(configMapKind, wanted);
    else await client.update(configMapKind, { ...existing, data: wanted.data });
  };

  const { queue, controller } = startLoop({
    name: COMPONENT,
    context,
    caches: [namespaces, accounts, configMaps],
    async reconcile(namespace) {
      if (!isActive(namespaces.get(namespace))) return;
      for (const ensure of [ensureAccount, ensureCertificates]) {
        try {
          await ensure(namespace);
        } catch (error) {
          if (!isHarmless(error)) throw error;
        }
      }
    },
  });
  namespaces.onChange(({ next }) => {
    if (next !== undefined) queue.add(next.metadata.name);
  });
  accounts.onChange(({ previous, next }) => {
    if (next === undefined && previous?.metadata.name === ACCOUNT) {
      queue.add(previous.metadata.namespace ?? '');
    }
  });
  configMaps.onChange(({ previous, next }) => {
    const changed = next ?? previous;
    if (previous !== undefined && changed?.metadata.name === ROOT_CERTIFICATES) {
      queue.add(changed.metadata.namespace ?? '');
    }
  });
  return controller;
}
