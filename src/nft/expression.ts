import { attributeMap, type AttributeWriter } from '../netlink/index.ts';
import { Fault } from '../fault/index.ts';
import { bitwise, type Bitwise } from './expressions/bitwise.ts';
import { byteorder, type Byteorder } from './expressions/byteorder.ts';
import { cmp, type Cmp } from './expressions/cmp.ts';
import type { ExpressionCodec } from './expressions/codec.ts';
import { counter, type Counter } from './expressions/counter.ts';
import { ct, type Ct } from './expressions/ct.ts';
import { dynset, type Dynset } from './expressions/dynset.ts';
import { fib, type Fib } from './expressions/fib.ts';
import { hash, type Hash } from './expressions/hash.ts';
import { immediate, type Immediate } from './expressions/immediate.ts';
import { limit, type Limit } from './expressions/limit.ts';
import { log, type Log } from './expressions/log.ts';
import { lookup, type Lookup } from './expressions/lookup.ts';
import { masquerade, type Masquerade } from './expressions/masquerade.ts';
import { meta, type Meta } from './expressions/meta.ts';
import { nat, type Nat } from './expressions/nat.ts';
import { notrack, type Notrack } from './expressions/notrack.ts';
import { numgen, type Numgen } from './expressions/numgen.ts';
import { objref, type Objref } from './expressions/objref.ts';
import { payload, type Payload } from './expressions/payload.ts';
import { range, type Range } from './expressions/range.ts';
import { reject, type Reject } from './expressions/reject.ts';
import { socket, type SocketLoad } from './expressions/socket.ts';
import { readString } from './reading.ts';
import type { RegisterTexts } from './register-texts.ts';

const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;

/** One step of a rule. Registers are numbers as on the wire: see register.ts. */
export type Expression =
  | Bitwise
  | Byteorder
  | Cmp
  | Counter
  | Ct
  | Dynset
  | Fib
  | Hash
  | Immediate
  | Limit
  | Log
  | Lookup
  | Masquerade
  | Meta
  | Nat
  | Notrack
  | Numgen
  | Objref
  | Payload
  | Range
  | Reject
  | SocketLoad;

const codecs: {
  readonly [Kind in Expression['kind']]: ExpressionCodec<Extract<Expression, { kind: Kind }>>;
} = {
  bitwise,
  byteorder,
  cmp,
  counter,
  ct,
  dynset,
  fib,
  hash,
  immediate,
  limit,
  log,
  lookup,
  masquerade,
  meta,
  nat,
  notrack,
  numgen,
  objref,
  payload,
  range,
  reject,
  socket,
};

const byName = new Map(Object.values(codecs).map((codec) => [codec.name, codec]));

/** The codec of a kind, its type widened: the table above guarantees that it takes this kind. */
function codecOf(expression: Expression): ExpressionCodec<Expression> {
  return codecs[expression.kind];
}

/** Writes `NFTA_EXPR_NAME` and `NFTA_EXPR_DATA`. */
export function writeExpression(into: AttributeWriter, expression: Expression): void {
  const codec = codecOf(expression);
  into.string(NFTA_EXPR_NAME, codec.name);
  if (codec.write === undefined) return;
  into.nested(NFTA_EXPR_DATA, (data) => codec.write?.(data, expression));
}

/** Reads one back. @throws Fault `NFT_UNKNOWN` for a kind that Portolan never writes. */
export function readExpression(bytes: Buffer): Expression {
  const attributes = attributeMap(bytes);
  const name = readString(attributes, NFTA_EXPR_NAME);
  const codec = byName.get(name);
  if (codec === undefined) {
    throw new Fault({
      code: 'NFT_UNKNOWN',
      message: `a rule has the expression ${JSON.stringify(name)}, which Portolan does not know`,
      advice: 'Something other than Portolan changed this table; a resync rebuilds it.',
    });
  }
  return codec.read(attributeMap(attributes.get(NFTA_EXPR_DATA) ?? Buffer.alloc(0)));
}

/** The text of a rule's expressions, as `nft list` prints them. */
export function expressionsText(
  expressions: readonly Expression[],
  registers: RegisterTexts,
): string {
  return expressions
    .map((expression) => codecOf(expression).print(expression, registers))
    .filter((text) => text !== undefined)
    .join(' ');
}
