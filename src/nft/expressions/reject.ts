import { nameOf, readU32, readU8 } from '../reading.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_REJECT_TYPE = 1;
const NFTA_REJECT_CODE = 2;
/** `enum nft_reject_types`. */
const types = { icmp: 0, 'tcp reset': 1, icmpx: 2 } as const;

/** The names nft has for ICMP codes, by family of the reject. */
const icmpCodes = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'port-unreachable': 3,
  'admin-prohibited': 13,
};
const icmpv6Codes = {
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
};
const icmpxCodes = {
  'no-route': 0,
  'port-unreachable': 1,
  'host-unreachable': 2,
  'admin-prohibited': 3,
};

/**
 * Refuses the packet with an answer. `code` is the number in ICMP for table family ip, in ICMPv6 for ip6, or in nft's
 * own numbering for `icmpx`, which the kernel translates to either.
 */
export interface Reject {
  readonly kind: 'reject';
  readonly with: keyof typeof types;
  readonly code?: number;
}

export const reject: ExpressionCodec<Reject> = {
  name: 'reject',
  write(into, expression) {
    into.u32be(NFTA_REJECT_TYPE, types[expression.with]);
    into.u8(NFTA_REJECT_CODE, expression.code ?? 0);
  },
  read(attributes) {
    const type = nameOf(types, readU32(attributes, NFTA_REJECT_TYPE));
    if (type === 'tcp reset') return { kind: 'reject', with: type };
    return { kind: 'reject', with: type, code: readU8(attributes, NFTA_REJECT_CODE) };
  },
  print(expression, { family }) {
    if (expression.with === 'tcp reset') return 'reject with tcp reset';
    const codes =
      expression.with === 'icmpx' ? icmpxCodes : family === 'ip6' ? icmpv6Codes : icmpCodes;
    const name = nameOf<string>(codes, expression.code ?? 0);
    if (name === 'port-unreachable') return 'reject';
    const protocol = expression.with === 'icmpx' ? 'icmpx' : family === 'ip6' ? 'icmpv6' : 'icmp';
    return `reject with ${protocol} ${name}`;
  },
};
