import { Fault } from '../fault/index.ts';
import {
  containsAddress,
  familyBits,
  formatAddress,
  parseAddress,
  type Address,
} from '../ip/index.ts';
import type { Kernel } from '../kernel/index.ts';
import {
  addAddress,
  Connection,
  deleteAddress,
  findLink,
  isRefusal,
  listAddresses,
  type LinkAddress,
} from '../netlink/index.ts';
import { externalBlocks } from './address-book.ts';

/**
 * The external addresses that the fabric answers at. They are /32s and /128s of its loopback link: the nodes' default
 * route leads to the fabric, which takes packets for any address of its own, and on `lo` none of them can become the
 * source address of what the fabric itself sends to the nodes.
 */
export class FabricAddresses {
  private readonly connection: Connection;
  private readonly link: number;
  /** How many hold each address. */
  private readonly holders = new Map<string, number>();

  /** Takes away what a daemon that was killed left behind. */
  constructor(kernel: Kernel, fabric: string) {
    this.connection = new Connection(kernel.openRouteSocket(fabric));
    const link = findLink(this.connection, 'lo');
    if (link === undefined) throw new TypeError(`${fabric} has no loopback link`);
    this.link = link.index;
    for (const found of listAddresses(this.connection, { link: this.link })) {
      if (externalBlocks.some((block) => containsAddress(block, found.address))) this.remove(found);
    }
  }

  has(address: string): boolean {
    return this.holders.has(address);
  }

  /** Answers at the address from now on, until every holder has let go. */
  acquire(text: string): void {
    const count = this.holders.get(text) ?? 0;
    if (count === 0) this.connection.request(addAddress(this.entry(text), { replace: true }));
    this.holders.set(text, count + 1);
  }

  release(text: string): void {
    const count = this.holders.get(text) ?? 0;
    if (count > 1) {
      this.holders.set(text, count - 1);
    } else if (this.holders.delete(text)) {
      this.remove(this.entry(text));
    }
  }

  /** Takes every address away. */
  close(): void {
    for (const text of this.holders.keys()) this.remove(this.entry(text));
    this.holders.clear();
    this.connection.close();
  }

  private entry(text: string): LinkAddress {
    const address = requireExternal(text);
    return { link: this.link, address, prefixLength: familyBits(address.family) };
  }

  private remove(entry: LinkAddress): void {
    try {
      this.connection.request(deleteAddress(entry));
    } catch (error) {
      // Somebody else took it away: that is what was wanted.
      if (!isRefusal(error, 'EADDRNOTAVAIL')) throw error;
    }
  }
}

function requireExternal(text: string): Address {
  const address = parseAddress(text);
  if (address !== undefined && formatAddress(address) === text) return address;
  throw new Fault({ code: 'INVALID_ADDRESS', message: `${text} is no canonical IP address` });
}
