import { Fault } from '../fault/index.ts';
import {
  containsAddress,
  formatAddress,
  formatCidr,
  nthAddress,
  requireCidr,
  type Address,
  type Cidr,
  type Family,
} from '../ip/index.ts';

/** Where load balancers have their addresses: beside the nodes' block in the outside world. */
export const externalBlocks: readonly Cidr[] = [
  requireCidr('172.19.0.0/16'),
  requireCidr('fd00:172:19::/64'),
];

/** As many as the smaller block has, less its ends. */
const LAST = 65_534;

export interface AddressWish {
  readonly family: Family;
  /** Asked for by name. */
  readonly requested?: Address;
  /** What the Service has had so far; kept when it may be. */
  readonly current?: Address;
}

/** Who has which external address. */
export class AddressBook {
  private readonly owners = new Map<
    string,
    { readonly service: string; readonly address: Address }
  >();
  /** Addresses that nobody has any more but whose last connections go on; they are given only to who asks for them. */
  private readonly isLingering: (address: string) => boolean;

  constructor(isLingering: (address: string) => boolean = () => false) {
    this.isLingering = isLingering;
  }

  /**
   * Gives the Service an address of the family; the same again when it has one.
   * @throws Fault `LOAD_BALANCER_IP_OUTSIDE`, `LOAD_BALANCER_IP_TAKEN`, `LOAD_BALANCER_IPS_EXHAUSTED`.
   */
  take(service: string, { family, requested, current }: AddressWish): Address {
    const address =
      this.requested(service, requested) ?? this.kept(service, current) ?? this.free(family);
    this.owners.set(formatAddress(address), { service, address });
    return address;
  }

  /** Notes what a Service had before this process; the first to say so has it. */
  restore(service: string, address: Address): void {
    const text = formatAddress(address);
    if (isExternal(address) && !this.owners.has(text)) this.owners.set(text, { service, address });
  }

  /** What the Service has, as it was given. */
  owned(service: string): Address[] {
    return [...this.owners.values()]
      .filter((entry) => entry.service === service)
      .map(({ address }) => address);
  }

  /** Takes back what the Service has, but for the addresses it keeps. */
  release(service: string, kept: readonly Address[] = []): void {
    const keeps = new Set(kept.map(formatAddress));
    for (const [text, owner] of this.owners) {
      if (owner.service === service && !keeps.has(text)) this.owners.delete(text);
    }
  }

  private requested(service: string, address: Address | undefined): Address | undefined {
    if (address === undefined) return undefined;
    const text = formatAddress(address);
    const owner = this.owners.get(text)?.service;
    if (!isExternal(address)) {
      throw new Fault({
        code: 'LOAD_BALANCER_IP_OUTSIDE',
        message: `${text} is no address of this cloud`,
        advice: `Ask for one in ${externalBlocks.map(formatCidr).join(' or ')}.`,
      });
    }
    if (owner !== undefined && owner !== service) {
      throw new Fault({
        code: 'LOAD_BALANCER_IP_TAKEN',
        message: `${text} is the address of Service ${owner}`,
        advice: 'Ask for another address, or for none.',
      });
    }
    return address;
  }

  private kept(service: string, address: Address | undefined): Address | undefined {
    if (address === undefined || !isExternal(address)) return undefined;
    const owner = this.owners.get(formatAddress(address))?.service ?? service;
    return owner === service ? address : undefined;
  }

  private free(family: Family): Address {
    const address = this.firstFree(externalBlocks.filter((block) => block.family === family));
    if (address !== undefined) return address;
    throw new Fault({
      code: 'LOAD_BALANCER_IPS_EXHAUSTED',
      message: `every IPv${family} address for load balancers is taken`,
      advice: 'Delete Services of type LoadBalancer.',
    });
  }

  private firstFree([block]: readonly Cidr[]): Address | undefined {
    if (block === undefined) return undefined;
    for (let number = 1; number <= LAST; number += 1) {
      const address = nthAddress(block, number);
      const text = formatAddress(address);
      const isTaken = this.owners.has(text) || this.isLingering(text);
      if (!isTaken && hasPlainEnd(number)) return address;
    }
    return undefined;
  }
}

/** Addresses that end in 0 or 255 look like networks and broadcasts to people and to old software. */
function hasPlainEnd(number: number): boolean {
  return number % 256 !== 0 && number % 256 !== 255;
}

function isExternal(address: Address): boolean {
  return externalBlocks.some(
    (block) => containsAddress(block, address) && address.value !== block.base,
  );
}
