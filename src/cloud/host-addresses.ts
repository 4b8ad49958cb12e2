import type { Address } from '../ip/index.ts';

/** 127.19.CLUSTER.1 to 127.19.CLUSTER.254: one for each load balancer. */
const LAST = 254;

/**
 * Which loopback address of the host each load balancer is published at. It ends as the external address does where it
 * can, so that people recognise it and it is the same again after a restart.
 */
export class HostAddresses {
  private readonly prefix: string;
  private readonly numbers = new Map<string, number>();

  /** @param clusterIndex 0 to 255 */
  constructor(clusterIndex: number) {
    this.prefix = `127.19.${clusterIndex}`;
  }

  /** The Service's address, the same for as long as it is not released; undefined when there is none left. */
  take(service: string, external: Address): string | undefined {
    const number = this.numbers.get(service) ?? this.free(Number(external.value & 0xffn));
    if (number === undefined) return undefined;
    this.numbers.set(service, number);
    return `${this.prefix}.${number}`;
  }

  release(service: string): void {
    this.numbers.delete(service);
  }

  private free(preferred: number): number | undefined {
    const taken = new Set(this.numbers.values());
    const rest = Array.from({ length: LAST }, (_, position) => position + 1);
    return [preferred, ...rest].find(
      (number) => number >= 1 && number <= LAST && !taken.has(number),
    );
  }
}
