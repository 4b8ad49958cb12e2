import type { Clock } from '../../clock/index.ts';
import {
  forbidden,
  podKind,
  serviceAccountKind,
  type Pod,
  type PodSpec,
  type ServiceAccount as Account,
  type Volume,
} from '../../kube/index.ts';
import type { AdmissionPlugin, AdmissionReader, AdmissionRequest } from './contract.ts';
import { created } from './requests.ts';

/** Where every client library looks for its credentials. */
const credentialsPath = '/var/run/secrets/kubernetes.io/serviceaccount';

const volumePrefix = 'kube-api-access-';

/**
 * A token lives an hour; the seven seconds tell tokens that Kubernetes asked for from those that users did
 * (`WarnOnlyBoundTokenExpirationPeriod`).
 */
const tokenSeconds = 3607;

/** 0644. */
const fileMode = 420;

/** A new namespace has its default account in a moment: a pod that comes first waits for it. */
const defaultAccountAttempts = 10;
const attemptDelayMs = 100;

export interface ServiceAccountOptions {
  readonly reader: AdmissionReader;
  readonly clock: Clock;
  /** Completes a prefix to a unique name. */
  generateName(prefix: string): string;
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: fileMode,
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [
              {
                path: 'namespace',
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
              },
            ],
          },
        },
      ],
    },
  };
}

/** Containers that mount something of their own there keep it. */
function mountToken(spec: PodSpec, name: string): void {
  const bare = [...(spec.initContainers ?? []), ...spec.containers].filter(
    ({ volumeMounts = [] }) => !volumeMounts.some(({ mountPath }) => mountPath === credentialsPath),
  );
  if (bare.length === 0) return;
  spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
  for (const container of bare) {
    container.volumeMounts = [
      ...(container.volumeMounts ?? []),
      { name, mountPath: credentialsPath, readOnly: true },
    ];
  }
}

/** Gives every pod its account, and mounts the account's token, the cluster's CA and the namespace into it. */
export class ServiceAccount implements AdmissionPlugin {
  readonly name = 'ServiceAccount';
  private readonly options: ServiceAccountOptions;

  constructor(options: ServiceAccountOptions) {
    this.options = options;
  }

  async admit(request: AdmissionRequest): Promise<undefined> {
    const pod = created(request, podKind);
    if (pod?.spec === undefined) return;
    const { spec } = pod;
    spec.serviceAccountName ||= 'default';
    spec.serviceAccount = spec.serviceAccountName;
    const account = await this.account(request, pod);
    const automounts =
      spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
    if (automounts) mountToken(spec, this.options.generateName(volumePrefix));
    if ((spec.imagePullSecrets ?? []).length === 0 && account.imagePullSecrets !== undefined) {
      spec.imagePullSecrets = structuredClone(account.imagePullSecrets);
    }
  }

  private async account(request: AdmissionRequest, { spec }: Pod): Promise<Account> {
    const { namespace = '' } = request;
    const name = spec.serviceAccountName ?? '';
    const attempts = name === 'default' ? defaultAccountAttempts : 1;
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.options.reader.get(serviceAccountKind, { namespace, name });
      if (found !== undefined) return found;
      if (attempt === attempts) break;
      await this.pause();
    }
    throw forbidden(
      podKind,
      request.name,
      `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
    );
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      this.options.clock.setTimer(attemptDelayMs, resolve);
    });
  }
}
