import { constants } from 'node:os';
import { Fault } from '../fault/index.ts';
import { attributeMap } from './attributes.ts';
import { HEADER_LENGTH, NLM_F_ACK_TLVS, NLM_F_CAPPED, type NetlinkMessage } from './message.ts';
import { readText, readU32, withHeader } from './reading.ts';

/** `enum nlmsgerr_attrs` (include/uapi/linux/netlink.h). */
const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;

const ERRNO_LENGTH = 4;

const ERRNO_NAMES = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name] as const),
);

/** The name of an errno (positive): `EEXIST` for 17; `errno N` when the C library of this machine has none. */
export function errnoName(errno: number): string {
  // EWOULDBLOCK has the same number, and would win.
  return errno === constants.errno.EAGAIN ? 'EAGAIN' : (ERRNO_NAMES.get(errno) ?? `errno ${errno}`);
}

/** What an acknowledgement says. */
export interface Acknowledgement {
  /** Positive; 0 is success. */
  readonly errno: number;
  /** The kernel's own words (extended ack); a warning when `errno` is 0. */
  readonly kernelMessage?: string;
  /** Bytes from the start of the request's netlink header to the attribute at fault. */
  readonly offset?: number;
}

/** Reads an NLMSG_ERROR message: errno, the request's header, its body unless capped, then attributes. */
export function readAcknowledgement(message: NetlinkMessage): Acknowledgement {
  const { body, flags } = message;
  withHeader(body, ERRNO_LENGTH + HEADER_LENGTH, 'an acknowledgement');
  const errno = -body.readInt32LE(0);
  const requestLength = body.readUInt32LE(ERRNO_LENGTH);
  const echoed = (flags & NLM_F_CAPPED) === 0 ? (requestLength + 3) & ~3 : HEADER_LENGTH;
  return { errno, ...readExtendedAck(flags, body.subarray(ERRNO_LENGTH + echoed)) };
}

/** Reads an NLMSG_DONE message, which carries an errno when a dump fails half-way. */
export function readDone(message: NetlinkMessage): Acknowledgement {
  const { body, flags } = message;
  const errno = body.length < ERRNO_LENGTH ? 0 : -body.readInt32LE(0);
  return { errno, ...readExtendedAck(flags, body.subarray(ERRNO_LENGTH)) };
}

function readExtendedAck(
  flags: number,
  bytes: Uint8Array,
): Pick<Acknowledgement, 'kernelMessage' | 'offset'> {
  if ((flags & NLM_F_ACK_TLVS) === 0) return {};
  const attributes = attributeMap(bytes);
  const kernelMessage = readText(attributes, NLMSGERR_ATTR_MSG);
  const offset = readU32(attributes, NLMSGERR_ATTR_OFFS);
  return {
    ...(kernelMessage !== '' && { kernelMessage }),
    ...(offset !== undefined && { offset }),
  };
}

/** The kernel refused a request: code `NETLINK_REFUSED`. */
export class NetlinkError extends Fault {
  readonly errno: number;
  /** `EEXIST`, `ENOENT`, ... */
  readonly errnoName: string;
  /** The kernel's own words, empty when it gave none. */
  readonly kernelMessage: string;
  /** See {@link Acknowledgement.offset}. */
  readonly offset: number | undefined;
  /** What was asked. */
  readonly what: string;

  constructor(what: string, { errno, kernelMessage = '', offset }: Acknowledgement) {
    const name = errnoName(errno);
    super({
      code: 'NETLINK_REFUSED',
      message: `cannot ${what}: ${name}${kernelMessage === '' ? '' : ` (${kernelMessage})`}`,
      ...(name === 'EPERM' && { advice: 'Run as root; `portolan doctor` tells what is missing.' }),
    });
    this.name = 'NetlinkError';
    this.errno = errno;
    this.errnoName = name;
    this.kernelMessage = kernelMessage;
    this.offset = offset;
    this.what = what;
  }
}

/** True when `error` is the kernel's refusal with one of those errno names. */
export function isRefusal(error: unknown, ...names: readonly string[]): error is NetlinkError {
  return error instanceof NetlinkError && names.includes(error.errnoName);
}
