import { serviceCidrKind, serviceKind, type Service, type ServiceCIDR } from '../../kube/index.ts';
import type { ServiceAllocator } from '../allocation/service-allocator.ts';
import type {
  AdmissionOutcome,
  AdmissionPlugin,
  AdmissionReader,
  AdmissionRequest,
} from './contract.ts';
import { isKind } from './requests.ts';

export interface ServiceAllocationOptions {
  readonly reader: AdmissionReader;
  readonly allocator: ServiceAllocator;
}

/** The cluster's first ServiceCIDR names the default family; the others follow by age. */
function inOrder(one: ServiceCIDR, two: ServiceCIDR): number {
  const rank = ({ metadata }: ServiceCIDR): string =>
    `${metadata.name === 'kubernetes' ? 0 : 1}/${metadata.creationTimestamp ?? ''}/${metadata.name}`;
  return rank(one) < rank(two) ? -1 : 1;
}

/** Gives Services their addresses and node ports while they are written, from the ServiceCIDRs of the moment. */
export class ServiceAllocation implements AdmissionPlugin {
  readonly name = 'ServiceAllocation';
  private readonly options: ServiceAllocationOptions;
  private restored: Promise<void> | undefined;
  private isRangeStale = true;

  constructor(options: ServiceAllocationOptions) {
    this.options = options;
  }

  async admit(request: AdmissionRequest): Promise<AdmissionOutcome | undefined> {
    if (isKind(request, serviceCidrKind)) return { done: () => this.forgetRanges() };
    if (!isKind(request, serviceKind) || request.subresource !== '') return undefined;
    this.restored ??= this.restore();
    await this.restored;
    if (this.isRangeStale) await this.readRanges();
    return request.operation === 'DELETE' ? this.admitDelete(request) : this.admitWrite(request);
  }

  private forgetRanges(): void {
    this.isRangeStale = true;
  }

  /** Every write of a Service waits for this one, so nothing can change in between. */
  private async restore(): Promise<void> {
    try {
      this.options.allocator.restore(await this.options.reader.list(serviceKind));
    } catch (error) {
      this.restored = undefined;
      throw error;
    }
  }

  /** Before the first ServiceCIDR is stored, the allocator's own ranges hold. */
  private async readRanges(): Promise<void> {
    // First, so that a ServiceCIDR written while this reads is not missed.
    this.isRangeStale = false;
    try {
      const cidrs = await this.storedRanges();
      if (cidrs.length > 0) this.options.allocator.setServiceCidrs(cidrs);
    } catch (error) {
      this.isRangeStale = true;
      throw error;
    }
  }

  private async storedRanges(): Promise<string[]> {
    const ranges = await this.options.reader.list(serviceCidrKind);
    return ranges
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .toSorted(inOrder)
      .flatMap(({ spec }) => spec.cidrs ?? []);
  }

  private admitWrite(request: AdmissionRequest): AdmissionOutcome {
    const next = request.object as unknown as Service;
    const previous = request.previous as unknown as Service | undefined;
    return this.options.allocator.reserve(next, previous);
  }

  private admitDelete({ previous }: AdmissionRequest): AdmissionOutcome {
    return { done: () => this.options.allocator.release(previous as unknown as Service) };
  }
}
