import koffi from 'koffi';

/** Classic BPF (include/uapi/linux/bpf_common.h): load a word in network order, jump if equal, return. */
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
/** `struct sock_filter`: code, jumps if true and if false, operand. */
const INSTRUCTION_LENGTH = 8;
/** `struct sock_fprog` of a 64-bit machine: number of instructions, padding, pointer to them. */
const PROGRAM_LENGTH = 16;
/** `nlmsg_pid` of `struct nlmsghdr`, where a netlink datagram begins with the port of who caused it. */
const SENDER_OFFSET = 12;
const EVERYTHING = 0xffff_ffff;
/** Jumps are 8 bits. */
const MAX_PORTS = 255;

/**
 * The value of `SO_ATTACH_FILTER` for a netlink socket that is not to see datagrams which these ports caused: the kernel
 * drops them before they wake anybody.
 *
 * @throws RangeError for more than 255 ports
 */
export function filterOfSenders(ports: readonly number[]): Buffer {
  if (ports.length > MAX_PORTS) throw new RangeError(`${ports.length} ports do not fit a filter`);
  const instructions = [
    instruction(LOAD_WORD, SENDER_OFFSET),
    ...ports.map((port, at) =>
      instruction(JUMP_IF_EQUAL, swapped(port), { ifTrue: ports.length - at }),
    ),
    instruction(RETURN, EVERYTHING),
    instruction(RETURN, 0),
  ];
  // One piece of memory: it has to be there when the kernel follows the pointer.
  const value = Buffer.concat([Buffer.alloc(PROGRAM_LENGTH), ...instructions]);
  value.writeUInt16LE(instructions.length, 0);
  value.writeBigUInt64LE(koffi.address(value) + BigInt(PROGRAM_LENGTH), 8);
  return value.subarray(0, PROGRAM_LENGTH);
}

function instruction(code: number, operand: number, { ifTrue = 0 } = {}): Buffer {
  const bytes = Buffer.alloc(INSTRUCTION_LENGTH);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
}

/** Netlink is in host (little) endian, BPF loads in network order. */
function swapped(value: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.readUInt32BE();
}
