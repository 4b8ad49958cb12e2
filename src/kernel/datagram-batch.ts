import koffi from 'koffi';
import { endianness } from 'node:os';
import { addressFromBytes, formatAddress, requireAddress, unmap } from '../ip/index.ts';
import { socketAddress } from './ip-socket.ts';
import type { SocketAddress } from './kernel.ts';
import { libc } from './libc.ts';
import { AF_INET } from './socket-constants.ts';

/** Datagrams of one call. More would not fit a slot's share of the memory worth spending. */
const SLOTS = 64;
/** Bytes of one datagram; longer ones are dropped. Queries have tens of them, answers over UDP 1,232 at most. */
const DATA_BYTES = 4096;
/** `struct sockaddr_in6`, the larger one. */
const NAME_BYTES = 28;
/** The port in either of them, in network order. */
const PORT_AT = 2;
/** `struct mmsghdr`, `struct iovec` of 64-bit Linux (include/linux/socket.h): where their fields are. */
const HEADER_BYTES = 64;
const HEADER = {
  name: 0,
  nameLength: 8,
  vector: 16,
  vectorCount: 24,
  flags: 48,
  length: 56,
} as const;
const VECTOR_BYTES = 16;
const VECTOR = { base: 0, length: 8 } as const;

const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;

/** Memory at a fixed address: headers, then vectors, names and data of every slot. */
class Slots {
  readonly headers: Buffer;
  readonly memory: Buffer;
  private static readonly vectors = SLOTS * HEADER_BYTES;
  private static readonly names = Slots.vectors + SLOTS * VECTOR_BYTES;
  private static readonly data = Slots.names + SLOTS * 32;
  private static readonly bytes = Slots.data + SLOTS * DATA_BYTES;

  constructor() {
    const pointer = koffi.alloc('uint8_t', Slots.bytes);
    const base = koffi.address(pointer);
    this.memory = Buffer.from(koffi.view(pointer, Slots.bytes));
    // Control data: none, which is a zero (recvmsg(2)), and what is allocated need not be.
    this.memory.fill(0);
    this.headers = this.memory.subarray(0, Slots.vectors);
    for (let slot = 0; slot < SLOTS; slot += 1) this.prepare(slot, base);
  }

  private prepare(slot: number, base: bigint): void {
    const { memory } = this;
    const header = slot * HEADER_BYTES;
    const vector = Slots.vectors + slot * VECTOR_BYTES;
    memory.writeBigUInt64LE(base + BigInt(this.nameAt(slot)), header + HEADER.name);
    memory.writeBigUInt64LE(base + BigInt(vector), header + HEADER.vector);
    memory.writeBigUInt64LE(1n, header + HEADER.vectorCount);
    memory.writeBigUInt64LE(base + BigInt(this.dataAt(slot)), vector + VECTOR.base);
    this.setLength(slot, DATA_BYTES);
    this.setNameLength(slot, NAME_BYTES);
  }

  nameAt(slot: number): number {
    return Slots.names + slot * 32;
  }

  dataAt(slot: number): number {
    return Slots.data + slot * DATA_BYTES;
  }

  setNameLength(slot: number, length: number): void {
    this.memory.writeUInt32LE(length, slot * HEADER_BYTES + HEADER.nameLength);
  }

  nameLength(slot: number): number {
    return this.memory.readUInt32LE(slot * HEADER_BYTES + HEADER.nameLength);
  }

  /** Bytes there are to send. */
  setLength(slot: number, length: number): void {
    this.memory.writeUInt32LE(length, Slots.vectors + slot * VECTOR_BYTES + VECTOR.length);
  }

  /** Bytes that were received. */
  received(slot: number): number {
    return this.memory.readUInt32LE(slot * HEADER_BYTES + HEADER.length);
  }

  isTruncated(slot: number): boolean {
    return (this.memory.readUInt32LE(slot * HEADER_BYTES + HEADER.flags) & MSG_TRUNC) !== 0;
  }
}

/** Addresses that are kept in their other form: a few clients send most datagrams. */
const MAX_KNOWN = 4096;
const texts = new Map<number, string>();
const names = new Map<string, Buffer>();

function keep<K, V>(known: Map<K, V>, key: K, value: V): V {
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, value);
  return value;
}

function dottedText(memory: Buffer, at: number): string {
  const value = memory.readUInt32BE(at);
  return (
    texts.get(value) ??
    keep(texts, value, `${memory[at]}.${memory[at + 1]}.${memory[at + 2]}.${memory[at + 3]}`)
  );
}

/** `struct sockaddr_in` or `sockaddr_in6`, without a port. */
function nameOf(address: string): Buffer {
  return names.get(address) ?? keep(names, address, socketAddress(requireAddress(address), 0));
}

/** One for all sockets of the thread: a batch is handled and answered within one call. */
let shared: { readonly incoming: Slots; readonly outgoing: Slots } | undefined;

/** Hears of one datagram; the bytes are its own only until it returns. What it returns goes back to the sender. */
export type DatagramHandler = (
  bytes: Buffer,
  from: { readonly address: string; readonly port: number },
) => Uint8Array | undefined;

/** A datagram to send with the answers of a batch. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  /** In the socket's own family: a dual-stack socket's IPv4 peers mapped, as Node tells of them. */
  readonly to: SocketAddress;
}

/**
 * Takes many datagrams off a UDP socket with one call (recvmmsg(2)) and answers them with another (sendmmsg(2)). It waits for
 * nothing: Node's own socket over the same descriptor says when there is something, this takes the rest of it - for a tenth
 * of what an event for each would cost.
 */
export class DatagramBatch {
  private readonly fd: number;
  private readonly incoming: Slots;
  private readonly outgoing: Slots;

  /** @param fd a UDP socket, which stays its owner's */
  constructor(fd: number) {
    this.fd = fd;
    shared ??= { incoming: new Slots(), outgoing: new Slots() };
    this.incoming = shared.incoming;
    this.outgoing = shared.outgoing;
  }

  /** Whether this machine's structures are those that this file writes. */
  static get isSupported(): boolean {
    return endianness() === 'LE' && (process.arch === 'x64' || process.arch === 'arm64');
  }

  /**
   * Handles what is there, at most 64 datagrams; returns how many. `ahead` is sent before their answers, by the same call.
   * What the socket does not take is dropped.
   */
  handle(handler: DatagramHandler, ahead?: Outgoing): number {
    const { incoming } = this;
    let answers = ahead === undefined ? 0 : this.put(ahead);
    const room = SLOTS - answers;
    const count = libc.recvmmsg(this.fd, incoming.headers, room, MSG_DONTWAIT, null) as number;
    for (let slot = 0; slot < count; slot += 1) {
      if (!incoming.isTruncated(slot)) answers += this.handleOne(slot, answers, handler);
      incoming.setNameLength(slot, NAME_BYTES);
    }
    this.send(answers);
    return Math.max(0, count);
  }

  /** Puts a datagram into the first outgoing slot; returns how many slots that takes. */
  private put({ bytes, to }: Outgoing): 0 | 1 {
    if (bytes.length > DATA_BYTES) return 0;
    const { outgoing } = this;
    const name = nameOf(to.address);
    outgoing.memory.set(bytes, outgoing.dataAt(0));
    outgoing.setLength(0, bytes.length);
    outgoing.memory.set(name, outgoing.nameAt(0));
    outgoing.memory.writeUInt16BE(to.port, outgoing.nameAt(0) + PORT_AT);
    outgoing.setNameLength(0, name.length);
    return 1;
  }

  private send(answers: number): void {
    for (let sent = 0; sent < answers;) {
      const headers = this.outgoing.headers.subarray(sent * HEADER_BYTES);
      const done = libc.sendmmsg(this.fd, headers, answers - sent, MSG_DONTWAIT) as number;
      // The first of those left was refused (sendmmsg(2)): it is lost, as datagrams may be.
      sent += Math.max(1, done);
    }
  }

  /** Returns 1 when there is an answer, in the outgoing slot `to`. */
  private handleOne(slot: number, to: number, handler: DatagramHandler): 0 | 1 {
    const { incoming, outgoing } = this;
    const start = incoming.dataAt(slot);
    const bytes = incoming.memory.subarray(start, start + incoming.received(slot));
    const answer = handler(bytes, this.sourceOf(slot));
    if (answer === undefined || answer.length > DATA_BYTES) return 0;
    outgoing.memory.set(answer, outgoing.dataAt(to));
    outgoing.setLength(to, answer.length);
    const name = incoming.nameAt(slot);
    const nameLength = incoming.nameLength(slot);
    incoming.memory.copy(outgoing.memory, outgoing.nameAt(to), name, name + nameLength);
    outgoing.setNameLength(to, nameLength);
    return 1;
  }

  /** `struct sockaddr_in` or `sockaddr_in6`; IPv4 peers of a dual-stack socket as what they are. */
  private sourceOf(slot: number): { readonly address: string; readonly port: number } {
    const { memory } = this.incoming;
    const at = this.incoming.nameAt(slot);
    const port = memory.readUInt16BE(at + PORT_AT);
    if (memory.readUInt16LE(at) === AF_INET) {
      return { address: dottedText(memory, at + 4), port };
    }
    const address = formatAddress(unmap(addressFromBytes(memory.subarray(at + 8, at + 24))));
    return { address, port };
  }
}
