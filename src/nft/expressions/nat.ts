import { nameOf, readU32 } from '../reading.ts';
import { natFlagsText, readNatFlags, writeNatFlags, type NatFlags } from './nat-flags.ts';
import type { RegisterTexts } from '../register-texts.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_NAT = {
  TYPE: 1,
  FAMILY: 2,
  ADDR_MIN: 3,
  ADDR_MAX: 4,
  PROTO_MIN: 5,
  PROTO_MAX: 6,
  FLAGS: 7,
} as const;
/** The port is translated too (linux/netfilter/nf_nat.h). */
const NF_NAT_RANGE_PROTO_SPECIFIED = 2;
const types = { snat: 0, dnat: 1 } as const;
const families = { ip: 2, ip6: 10 } as const;

/** Translates the source or destination of a connection to what registers hold. */
export interface Nat extends NatFlags {
  readonly kind: 'nat';
  readonly type: keyof typeof types;
  readonly family: keyof typeof families;
  /** The register with the address; absent keeps the address. */
  readonly address?: number;
  /** The register with the port; absent keeps the port. */
  readonly port?: number;
}

/**
 * An address and port that one map answered print as the map alone, as in `dnat ip to ... map @endpoints`; those of two
 * maps as both.
 */
function targetText(nat: Nat, registers: RegisterTexts): string {
  const { address, port } = nat;
  const addressText = address === undefined ? '' : registers.get(address).text;
  if (port === undefined || registers.isOneAnswer(nat)) return addressText;
  return `${addressText}:${registers.get(port).text}`;
}

export const nat: ExpressionCodec<Nat> = {
  name: 'nat',
  write(into, expression) {
    into.u32be(NFTA_NAT.TYPE, types[expression.type]);
    into.u32be(NFTA_NAT.FAMILY, families[expression.family]);
    if (expression.address !== undefined) into.u32be(NFTA_NAT.ADDR_MIN, expression.address);
    if (expression.port !== undefined) into.u32be(NFTA_NAT.PROTO_MIN, expression.port);
    const implied = expression.port === undefined ? 0 : NF_NAT_RANGE_PROTO_SPECIFIED;
    writeNatFlags(into, NFTA_NAT.FLAGS, expression, implied);
  },
  read: (attributes) => ({
    kind: 'nat',
    type: nameOf(types, readU32(attributes, NFTA_NAT.TYPE)),
    family: nameOf(families, readU32(attributes, NFTA_NAT.FAMILY)),
    ...(attributes.has(NFTA_NAT.ADDR_MIN)
      ? { address: readU32(attributes, NFTA_NAT.ADDR_MIN) }
      : {}),
    ...(attributes.has(NFTA_NAT.PROTO_MIN)
      ? { port: readU32(attributes, NFTA_NAT.PROTO_MIN) }
      : {}),
    ...readNatFlags(attributes, NFTA_NAT.FLAGS),
  }),
  print: (expression, registers) =>
    `${expression.type} ${registers.natFamily(expression)}to ${targetText(expression, registers)}${natFlagsText(expression)}`,
};
