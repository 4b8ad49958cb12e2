import { isDeepStrictEqual } from 'node:util';
import type { Client } from '../client/index.ts';
import { serviceKind, type LoadBalancerIngress, type Service } from '../kube/index.ts';

/** Keeps a Service until its load balancer is gone (KEP-980). */
export const CLEANUP_FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';

export function hasFinalizer({ metadata }: Service): boolean {
  return metadata.finalizers?.includes(CLEANUP_FINALIZER) === true;
}

/** Writes what the cloud has to say into Services. All methods @throws ApiError. */
export class ServiceWriter {
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  async addFinalizer(service: Service): Promise<void> {
    if (hasFinalizer(service)) return;
    await this.setFinalizers(service, [...(service.metadata.finalizers ?? []), CLEANUP_FINALIZER]);
  }

  async removeFinalizer(service: Service): Promise<void> {
    if (!hasFinalizer(service)) return;
    const others = (service.metadata.finalizers ?? []).filter((name) => name !== CLEANUP_FINALIZER);
    await this.setFinalizers(service, others);
  }

  async setIngress(service: Service, ingress: readonly LoadBalancerIngress[]): Promise<void> {
    if (isDeepStrictEqual(service.status?.loadBalancer?.ingress ?? [], ingress)) return;
    const loadBalancer = { ingress: ingress.length === 0 ? null : ingress };
    await this.client.patch(
      serviceKind,
      { ...refOf(service), subresource: 'status' },
      { type: 'merge', body: { status: { loadBalancer } } },
    );
  }

  /** The list is replaced as a whole: only over the version that it was made from. */
  private async setFinalizers(service: Service, finalizers: readonly string[]): Promise<void> {
    const { resourceVersion } = service.metadata;
    await this.client.patch(serviceKind, refOf(service), {
      type: 'merge',
      body: { metadata: { resourceVersion, finalizers } },
    });
  }
}

function refOf({ metadata: { name, namespace } }: Service): { name: string; namespace?: string } {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}
