import {
  addressFromBytes,
  addressToBytes,
  cidrOf,
  firstAddress,
  formatCidr,
  type Cidr,
  type Family,
} from '../ip/index.ts';
import { attributeMap, AttributeWriter } from './attributes.ts';
import type { Connection } from './connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL, type NetlinkMessage, type NetlinkRequest } from './message.ts';
import { readText, readU32, withHeader, type Attributes } from './reading.ts';
import { familyNumber, familyOf } from './rtnetlink.ts';

export const RTM_NEWRULE = 32;
export const RTM_DELRULE = 33;
const RTM_GETRULE = 34;

/** FRA_ attributes (include/uapi/linux/fib_rules.h). */
const FRA = { DST: 1, SRC: 2, IIFNAME: 3, PRIORITY: 6, FWMARK: 10, TABLE: 15, FWMASK: 16 } as const;
const HEADER_LENGTH = 12;

/** What a rule does (`enum` of FR_ACT_ values). */
const ACTIONS = { table: 1, blackhole: 6, unreachable: 7, prohibit: 8 } as const;
export type RuleAction = keyof typeof ACTIONS;
const ACTION_NAMES = new Map(
  Object.entries(ACTIONS).map(([name, number]) => [number as number, name as RuleAction]),
);

/** Which routing table serves which packets: the first matching rule in the order of priorities. */
export interface Rule {
  readonly family: Family;
  /** Lower comes first. */
  readonly priority: number;
  /** Default: look the route up in `table`. */
  readonly action?: RuleAction;
  readonly table?: number;
  readonly source?: Cidr;
  readonly destination?: Cidr;
  /** Packets whose mark, under the mask, is the value. */
  readonly mark?: { readonly value: number; readonly mask: number };
  /** Name of the interface that packets came in by; `lo` for those of this machine. */
  readonly inputLink?: string;
}

/** Adds a rule; EEXIST when there is the same already. */
export function addRule(rule: Rule): NetlinkRequest {
  return {
    type: RTM_NEWRULE,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: encodeRule(rule, ACTIONS[rule.action ?? 'table']),
    what: `add rule ${describe(rule)}`,
  };
}

/** Deletes the first rule that has all that is given; ENOENT when there is none. */
export function deleteRule(rule: Rule): NetlinkRequest {
  const action = rule.action === undefined ? 0 : ACTIONS[rule.action];
  return {
    type: RTM_DELRULE,
    flags: 0,
    body: encodeRule(rule, action),
    what: `delete rule ${describe(rule)}`,
  };
}

function encodeRule(rule: Rule, action: number): Buffer {
  const { source, destination, mark, inputLink, table = 0 } = rule;
  const writer = new AttributeWriter(128);
  writer.raw(ruleHeader(rule, action));
  writer.u32(FRA.PRIORITY, rule.priority);
  if (source) writer.bytes(FRA.SRC, addressToBytes(firstAddress(source)));
  if (destination) writer.bytes(FRA.DST, addressToBytes(firstAddress(destination)));
  if (mark) writer.u32(FRA.FWMARK, mark.value).u32(FRA.FWMASK, mark.mask);
  if (inputLink !== undefined) writer.string(FRA.IIFNAME, inputLink);
  if (table > 255) writer.u32(FRA.TABLE, table);
  return writer.finish();
}

/** `struct fib_rule_hdr`: family, prefix lengths, TOS, table, two reserved, action, flags. */
function ruleHeader({ family, source, destination, table = 0 }: Rule, action: number): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeUInt8(familyNumber(family), 0);
  header.writeUInt8(destination?.prefixLength ?? 0, 1);
  header.writeUInt8(source?.prefixLength ?? 0, 2);
  header.writeUInt8(table > 255 ? 0 : table, 4);
  header.writeUInt8(action, 7);
  return header;
}

function describe({ family, priority, source, destination, mark, table }: Rule): string {
  const words = [`${priority} of IPv${family}`];
  if (source) words.push(`from ${formatCidr(source)}`);
  if (destination) words.push(`to ${formatCidr(destination)}`);
  if (mark) words.push(`mark 0x${mark.value.toString(16)}`);
  if (table !== undefined) words.push(`table ${table}`);
  return words.join(' ');
}

/** Reads the body of an RTM_NEWRULE or RTM_DELRULE message; `undefined` for families and actions not used here. */
export function readRule({ body }: Pick<NetlinkMessage, 'body'>): Rule | undefined {
  withHeader(body, HEADER_LENGTH, 'a rule');
  const family = familyOf(body[0]);
  const action = ACTION_NAMES.get(body.readUInt8(7));
  if (family === undefined || action === undefined) return undefined;
  const attributes = attributeMap(body.subarray(HEADER_LENGTH));
  const number = (attribute: number) => readU32(attributes, attribute);
  const [source, destination] = [attributes.get(FRA.SRC), attributes.get(FRA.DST)];
  const inputLink = readText(attributes, FRA.IIFNAME);
  return {
    family,
    action,
    priority: number(FRA.PRIORITY) ?? 0,
    table: number(FRA.TABLE) ?? body.readUInt8(4),
    ...(source && { source: cidrOf(addressFromBytes(source), body.readUInt8(2)) }),
    ...(destination && { destination: cidrOf(addressFromBytes(destination), body.readUInt8(1)) }),
    ...readMark(attributes),
    ...(inputLink !== '' && { inputLink }),
  };
}

/** The kernel leaves a value of 0 out and tells the mask alone (`fib_nl_fill_rule` in net/core/fib_rules.c). */
function readMark(attributes: Attributes): Pick<Rule, 'mark'> {
  const mask = readU32(attributes, FRA.FWMASK);
  return mask === undefined ? {} : { mark: { value: readU32(attributes, FRA.FWMARK) ?? 0, mask } };
}

/** The rules of one family or both, in the kernel's order. */
export function listRules(
  connection: Connection,
  filter: { readonly family?: Family } = {},
): Rule[] {
  const body = Buffer.alloc(HEADER_LENGTH);
  body.writeUInt8(familyNumber(filter.family), 0);
  const messages = connection.dump({ type: RTM_GETRULE, flags: 0, body, what: 'list rules' });
  return messages.map(readRule).filter((rule) => rule !== undefined);
}
