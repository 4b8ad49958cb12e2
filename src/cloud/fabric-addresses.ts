import { setTimeout } from 'node:timers/promises';
import { Fault } from '../fault/index.ts';
import {
  cidrOf,
  containsAddress,
  familyBits,
  formatAddress,
  isSameCidr,
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
  listRoutes,
  type LinkAddress,
} from '../netlink/index.ts';
import { externalBlocks } from './address-book.ts';

/** The kernel's own table of the addresses it answers at. */
const RT_TABLE_LOCAL = 255;
/** A millisecond lies between two. */
const READY_ATTEMPTS = 1000;

interface Held {
  /** How many hold it. */
  count: number;
  readonly ready: Promise<void>;
}

/**
 * The external addresses that the fabric answers at. They are /32s and /128s of its loopback link: the nodes' default
 * route leads to the fabric, which takes packets for any address of its own, and on `lo` none of them can become the
 * source address of what the fabric itself sends to the nodes.
 */
export class FabricAddresses {
  private readonly connection: Connection;
  private readonly link: number;
  private readonly held = new Map<string, Held>();

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
    return this.held.has(address);
  }

  /**
   * Resolves when packets to the address arrive, which they do until every holder has let go.
   * @throws Fault `ADDRESS_NOT_READY`
   */
  acquire(text: string): Promise<void> {
    const held = this.held.get(text) ?? this.add(text);
    held.count += 1;
    return held.ready;
  }

  release(text: string): void {
    const held = this.held.get(text);
    if (held === undefined) return;
    held.count -= 1;
    if (held.count > 0) return;
    this.held.delete(text);
    this.remove(this.entry(text));
  }

  /** Takes every address away. */
  close(): void {
    for (const text of this.held.keys()) this.remove(this.entry(text));
    this.held.clear();
    this.connection.close();
  }

  private add(text: string): Held {
    const entry = this.entry(text);
    this.connection.request(addAddress(entry, { replace: true, hasPrefixRoute: false }));
    const held = { count: 0, ready: this.ready(entry) };
    this.held.set(text, held);
    return held;
  }

  /** The kernel makes the local route of a new IPv6 address a moment after it has acknowledged the address. */
  private async ready({ address }: LinkAddress): Promise<void> {
    const { family } = address;
    const destination = cidrOf(address);
    const isThere = (): boolean =>
      listRoutes(this.connection, { family, table: RT_TABLE_LOCAL }).some((route) =>
        isSameCidr(route.destination, destination),
      );
    for (let attempt = 0; attempt < READY_ATTEMPTS; attempt += 1) {
      if (isThere()) return;
      await setTimeout(1);
    }
    throw new Fault({
      code: 'ADDRESS_NOT_READY',
      message: `the fabric does not answer at ${formatAddress(address)}`,
      advice: 'Try again; if it stays so, run `portolan delete` and `portolan start`.',
    });
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
