import { isDeepStrictEqual } from 'node:util';
import type { Client } from '../../client/index.ts';
import { ApiError, ingressKind, type Ingress, type IngressLoadBalancer } from '../../kube/index.ts';

type StatusEntry = NonNullable<IngressLoadBalancer['ingress']>[number];

/** Writes where Ingresses are reached into their status, and takes away what is not true any more. */
export class StatusWriter {
  private readonly client: Client;
  /** Keys whose status this controller has written: only these are taken back. */
  private readonly written = new Set<string>();
  /** Ingresses that have these addresses: one of thousands that did not change is not compared again. */
  private right = { addresses: '', ingresses: new WeakSet<Ingress>() };

  constructor(client: Client) {
    this.client = client;
  }

  /** Call it once the routes answer. */
  async write(
    ingresses: ReadonlyMap<string, Ingress>,
    own: ReadonlySet<string>,
    addresses: readonly string[],
  ): Promise<void> {
    const entries: StatusEntry[] = addresses.map((ip) => ({ ip }));
    const text = addresses.join(' ');
    if (this.right.addresses !== text) this.right = { addresses: text, ingresses: new WeakSet() };
    const work: Promise<void>[] = [];
    for (const [key, ingress] of ingresses) {
      if (own.has(key) && this.right.ingresses.has(ingress)) continue;
      if (own.has(key)) work.push(this.writeOne(key, ingress, entries));
      else if (this.written.has(key)) work.push(this.writeOne(key, ingress, []));
    }
    for (const key of this.written) if (!ingresses.has(key)) this.written.delete(key);
    await Promise.all(work);
  }

  private async writeOne(key: string, ingress: Ingress, entries: StatusEntry[]): Promise<void> {
    if (entries.length > 0) this.written.add(key);
    else this.written.delete(key);
    if (isDeepStrictEqual(ingress.status?.loadBalancer?.ingress ?? [], entries)) {
      if (entries.length > 0) this.right.ingresses.add(ingress);
      return;
    }
    try {
      await this.client.updateStatus(ingressKind, {
        ...ingress,
        status: {
          ...ingress.status,
          loadBalancer: entries.length === 0 ? {} : { ingress: entries },
        },
      });
    } catch (error) {
      // Somebody was quicker, or it is gone: its next version comes through the watch and is written then.
      const isOvertaken =
        error instanceof ApiError && ['Conflict', 'NotFound'].includes(error.reason);
      if (!isOvertaken) throw error;
    }
  }
}
