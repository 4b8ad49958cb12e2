import type { Address } from '../ip/index.ts';
import { keyOf, type Service } from '../kube/index.ts';
import { AddressBook } from './address-book.ts';
import type { DesiredBalancer } from './desired-balancer.ts';
import { statusAddresses } from './ingress-status.ts';

/** Gives Services their external addresses. What is stored of it is their own status. */
export class ServiceAddresses {
  private readonly book: AddressBook;

  /** @param isLingering whether connections to an address that nobody has any more still drain */
  constructor(isLingering: (address: string) => boolean) {
    this.book = new AddressBook(isLingering);
  }

  /** Notes what the status of all Services says, oldest first, before any of them is given a new address. */
  restore(services: readonly Service[]): void {
    for (const service of services.toSorted(byAge)) {
      for (const address of statusAddresses(service)) this.book.restore(keyOf(service), address);
    }
  }

  /**
   * One address for each family: the one that is asked for, else one that the Service has already, else a free one. What
   * it has beyond that it loses.
   * @throws Fault as {@link AddressBook.take} does.
   */
  take(service: Service, { families, addresses }: DesiredBalancer): Address[] {
    const key = keyOf(service);
    const before = [...this.book.owned(key), ...statusAddresses(service)];
    const taken = families.map((family) => {
      const requested = addresses.find((address) => address.family === family);
      const current = before.find((address) => address.family === family);
      return this.book.take(key, {
        family,
        ...(requested === undefined ? {} : { requested }),
        ...(current === undefined ? {} : { current }),
      });
    });
    this.book.release(key, taken);
    return taken;
  }

  release(service: string): void {
    this.book.release(service);
  }
}

function byAge({ metadata: one }: Service, { metadata: other }: Service): number {
  return (one.creationTimestamp ?? '') < (other.creationTimestamp ?? '') ? -1 : 1;
}
