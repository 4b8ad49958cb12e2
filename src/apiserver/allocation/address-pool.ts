import {
  cidrSize,
  containsAddress,
  firstAddress,
  formatAddress,
  formatCidr,
  lastAddress,
  nthAddress,
  parseAddress,
  type Cidr,
} from '../../ip/index.ts';
import {
  addressBand,
  bandedRange,
  candidates,
  type BandedRange,
  type Pick,
} from './dynamic-range.ts';

/** IPv6 blocks hold more addresses than anyone can use; dynamic ones come from the first 2^32. */
const mostAddresses = 2 ** 32;

/** One block and which of its addresses can be handed out. */
interface Block {
  readonly cidr: Cidr;
  readonly range: BandedRange;
}

/** The network's own address is never given, in IPv4 the broadcast address neither. */
function blockOf(cidr: Cidr): Block {
  const reserved = cidr.family === 4 ? 2 : 1;
  const total = Math.min(Number(cidrSize(cidr)), mostAddresses);
  return { cidr, range: bandedRange(Math.max(0, total - reserved), addressBand, total) };
}

function isUsable(cidr: Cidr, text: string): boolean {
  const address = parseAddress(text);
  if (address === undefined || !containsAddress(cidr, address)) return false;
  if (address.value === firstAddress(cidr).value) return false;
  return cidr.family === 6 || address.value !== lastAddress(cidr).value;
}

/** The addresses of all ServiceCIDRs of one family. Knows the ranges, not who holds what. */
export class AddressPool {
  private readonly blocks: readonly Block[];
  private readonly pick: Pick;

  constructor(cidrs: readonly Cidr[], pick: Pick) {
    this.blocks = cidrs.map(blockOf);
    this.pick = pick;
  }

  contains(address: string): boolean {
    return this.blocks.some(({ cidr }) => isUsable(cidr, address));
  }

  /** A free address, blocks in order; undefined when all are full. */
  next(isFree: (address: string) => boolean): string | undefined {
    for (const { cidr, range } of this.blocks) {
      for (const offset of candidates(range, this.pick)) {
        const address = formatAddress(nthAddress(cidr, offset + 1));
        if (isFree(address)) return address;
      }
    }
    return undefined;
  }

  /** The blocks, as error messages name them. */
  toText(): string {
    return this.blocks.map(({ cidr }) => formatCidr(cidr)).join(', ');
  }
}
