import type { Client, Informer } from '../../client/index.ts';
import { endpointSliceKind, type EndpointSlice } from '../../kube/index.ts';
import { deleteIfThere, isNotFound, isRefusedByTermination } from '../ensure.ts';
import { OwnWrites } from '../own-writes.ts';
import { isManagedBy, serviceNameLabel, type SliceChanges } from './slice-diff.ts';

const serviceIndex = 'service';

/** Reads and writes the slices that one controller keeps. */
export class SliceWriter {
  private readonly client: Client;
  private readonly slices: Informer<EndpointSlice>;
  private readonly own: OwnWrites<EndpointSlice>;
  private readonly manager: string;

  /** @param manager the value of the managed-by label */
  constructor(client: Client, slices: Informer<EndpointSlice>, manager: string) {
    this.client = client;
    this.slices = slices;
    this.manager = manager;
    this.own = new OwnWrites(slices);
    slices.indexBy(serviceIndex, (slice) => [serviceKeyOf(slice)]);
  }

  /** This controller's slices of a Service (`namespace/name`). */
  of(serviceKey: string): EndpointSlice[] {
    const mine = (slice: EndpointSlice) =>
      serviceKeyOf(slice) === serviceKey && isManagedBy(slice, this.manager);
    const cached = this.slices.byIndex(serviceIndex, serviceKey).filter(mine);
    return this.own.seenThrough(cached, mine);
  }

  async apply(changes: SliceChanges): Promise<void> {
    // Create before remove, so that no endpoint is missing in between.
    for (const slice of changes.create) await this.create(slice);
    for (const slice of changes.update) await this.update(slice);
    for (const slice of changes.remove) await this.remove(slice);
  }

  private async create(slice: EndpointSlice): Promise<void> {
    try {
      this.own.wrote(await this.client.create(endpointSliceKind, slice));
    } catch (error) {
      // Nobody asks for endpoints in a namespace that is being emptied.
      if (!isRefusedByTermination(error)) throw error;
    }
  }

  private async update(slice: EndpointSlice): Promise<void> {
    try {
      this.own.wrote(await this.client.update(endpointSliceKind, slice));
    } catch (error) {
      // Someone deleted it; the repetition that follows the error must not find it again.
      if (isNotFound(error)) this.own.deleted(slice);
      throw error;
    }
  }

  private async remove(slice: EndpointSlice): Promise<void> {
    await deleteIfThere(this.client, endpointSliceKind, slice);
    this.own.deleted(slice);
  }
}

/** `namespace/name` of the Service that a slice names. */
export function serviceKeyOf({ metadata }: EndpointSlice): string {
  return `${metadata.namespace ?? ''}/${metadata.labels?.[serviceNameLabel] ?? ''}`;
}
