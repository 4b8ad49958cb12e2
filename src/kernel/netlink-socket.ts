import { Fault } from '../fault/index.ts';
import { errnoName, type NetlinkSocket } from '../netlink/index.ts';
import { KernelError } from './kernel-error.ts';
import { checked, libc } from './libc.ts';
import { receive } from './receive.ts';
import { int32, SOCK_CLOEXEC } from './socket-constants.ts';
import { filterOfSenders } from './socket-filter.ts';

/** Protocols of `AF_NETLINK` and socket options (include/uapi/linux/netlink.h, asm-generic/socket.h). */
export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_ATTACH_FILTER = 26;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_DROP_MEMBERSHIP = 2;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

/** The whole nf_tables batch of 10,000 Services is one datagram and has one acknowledgement each message. */
const BUFFER_BYTES = 64 * 1024 * 1024;
/** Longer than any transaction takes; a kernel that never answers must not hold the process for ever. */
const RECEIVE_SECONDS = 30;

/** A netlink socket of the calling thread's network namespace; it stays there whatever the thread does later. */
export class KernelNetlinkSocket implements NetlinkSocket {
  readonly portId: number;
  private readonly fd: number;
  private isClosed = false;

  constructor(protocol: number) {
    this.fd = checked(
      libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol),
      'open a netlink socket',
    );
    try {
      this.configure();
      this.portId = this.bind();
    } catch (error) {
      libc.close(this.fd);
      throw error;
    }
  }

  send(datagram: Uint8Array): void {
    checked(
      libc.send(this.fd, datagram, datagram.length, 0),
      `send ${datagram.length} bytes to the kernel over netlink`,
    );
  }

  receive(): Buffer {
    for (;;) {
      const received = receive(this.fd);
      if (typeof received !== 'number') return received;
      // A signal interrupts a receive with a time-out even under SA_RESTART (signal(7)).
      if (errnoName(received) !== 'EINTR') throw receiveFailure(received);
    }
  }

  close(): void {
    // The number may be another descriptor's by the second time.
    if (this.isClosed) return;
    this.isClosed = true;
    checked(libc.close(this.fd), 'close a netlink socket');
  }

  /** Subscribes to a multicast group by its number. */
  join(group: number): void {
    this.option(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, int32(group));
  }

  /** Ends a subscription: when nobody is subscribed, the kernel does not even write its notifications. */
  leave(group: number): void {
    this.option(SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, int32(group));
  }

  /** Keeps what these ports cause away from the socket. */
  ignoreSenders(ports: readonly number[]): void {
    this.option(SOL_SOCKET, SO_ATTACH_FILTER, filterOfSenders(ports));
  }

  /** Hands the descriptor to another owner, who closes it. */
  get descriptor(): number {
    return this.fd;
  }

  private configure(): void {
    // BUFFORCE goes beyond net.core.wmem_max, as CAP_NET_ADMIN may.
    this.option(SOL_SOCKET, SO_SNDBUFFORCE, int32(BUFFER_BYTES));
    this.option(SOL_SOCKET, SO_RCVBUFFORCE, int32(BUFFER_BYTES));
    this.option(SOL_SOCKET, SO_RCVTIMEO, timeval(RECEIVE_SECONDS));
    this.option(SOL_NETLINK, NETLINK_EXT_ACK, int32(1));
    this.option(SOL_NETLINK, NETLINK_CAP_ACK, int32(1));
    this.option(SOL_NETLINK, NETLINK_GET_STRICT_CHK, int32(1));
  }

  private option(level: number, name: number, value: Buffer): void {
    checked(
      libc.setsockopt(this.fd, level, name, value, value.length),
      `set option ${name} of a netlink socket`,
    );
  }

  /** Binds to a port id of the kernel's choice and returns it (`struct sockaddr_nl`: family, pad, port, groups). */
  private bind(): number {
    const address = Buffer.alloc(12);
    address.writeUInt16LE(AF_NETLINK, 0);
    checked(libc.bind(this.fd, address, address.length), 'bind a netlink socket');
    checked(
      libc.getsockname(this.fd, address, int32(address.length)),
      'read the port of a netlink socket',
    );
    return address.readUInt32LE(4);
  }
}

function receiveFailure(errno: number): Fault {
  const name = errnoName(errno);
  if (name === 'EAGAIN') {
    return new Fault({
      code: 'NETLINK_TIMEOUT',
      message: `the kernel did not answer a netlink request within ${RECEIVE_SECONDS} s`,
    });
  }
  return new KernelError('receive from the kernel over netlink', errno);
}

/** `struct timeval` of a 64-bit machine. */
function timeval(seconds: number): Buffer {
  const value = Buffer.alloc(16);
  value.writeBigInt64LE(BigInt(seconds), 0);
  return value;
}
