import assert from 'node:assert/strict';
import { AttributeWriter, NLA_F_NESTED } from '../attributes.ts';
import { NLM_F_ACK, NLM_F_REQUEST, readMessages, type NetlinkRequest } from '../message.ts';

/**
 * One request that iproute2 6.1 made, as `strace -e trace=sendmsg -e write=all COMMAND` shows it in a fresh
 * network namespace (`unshare --net`).
 */
export interface Captured {
  readonly command: string;
  /** Hexadecimal: the netlink header, the family's header, the attributes. */
  readonly bytes: string;
}

/**
 * Asserts that a request is the captured one, byte for byte after the header's sequence number, but for
 * NLA_F_NESTED: iproute2 leaves it away where it did before the flag existed, the kernel accepts both.
 */
export function assertCaptured(
  request: NetlinkRequest,
  { command, bytes }: Captured,
  fixedHeader: number,
): void {
  const [captured] = readMessages(Buffer.from(bytes, 'hex'));
  assert.ok(captured, command);
  assert.equal(request.type, captured.type, command);
  assert.equal(request.flags | NLM_F_REQUEST | NLM_F_ACK, captured.flags, command);
  const body = withoutNestedFlags(request.body, fixedHeader);
  assert.equal(body.toString('hex'), captured.body.toString('hex'), command);
}

/** A copy with the flag cleared on every attribute that has it, at any depth, below a fixed header. */
function withoutNestedFlags(bytes: Uint8Array, fixedHeader: number): Buffer {
  const writer = new AttributeWriter();
  writer.raw(bytes.subarray(0, fixedHeader));
  const buffer = Buffer.from(bytes);
  for (let at = fixedHeader; at < buffer.length;) {
    const length = buffer.readUInt16LE(at);
    const type = buffer.readUInt16LE(at + 2);
    const value = buffer.subarray(at + 4, at + length);
    if ((type & NLA_F_NESTED) === 0) writer.bytes(type, value);
    else writer.bytes(type & ~NLA_F_NESTED, withoutNestedFlags(value, innerHeader(type)));
    at += (length + 3) & ~3;
  }
  return writer.finish();
}

/** A veth's peer (VETH_INFO_PEER = 1) is the one nest with a header of its own; its nest is not an IFLA_ type. */
function innerHeader(type: number): number {
  return (type & ~NLA_F_NESTED) === 1 ? 16 : 0;
}
