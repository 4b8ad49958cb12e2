import { addressToBytes, requireAddress, type Address } from '../ip/index.ts';
import type { BoundAddress, SocketAddress } from './kernel.ts';
import { checked, libc } from './libc.ts';
import {
  AF_INET,
  AF_INET6,
  int32,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from './socket-constants.ts';

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** The option of each family (linux/in.h, linux/in6.h). */
const transparent = { 4: { level: 0, name: 19 }, 6: { level: IPPROTO_IPV6, name: 75 } } as const;
/** Node's own default; `net.core.somaxconn` caps it. */
const BACKLOG = 511;

/** A listening TCP socket of the calling thread's network namespace, as a descriptor. */
export function listenTcp(at: SocketAddress): number {
  return openSocket(SOCK_STREAM, at, (fd) => {
    // As Node does: a restarted server takes its port back although old connections linger in TIME_WAIT.
    checked(libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, int32(1), 4), 'set SO_REUSEADDR');
    bindSocket(fd, at);
    checked(libc.listen(fd, BACKLOG), `listen on ${describe(at)}`);
  });
}

/** A bound UDP socket of the calling thread's network namespace, as a descriptor. */
export function bindUdp(at: BoundAddress): number {
  return openSocket(SOCK_DGRAM, at, (fd) => bindSocket(fd, at));
}

/** An unconnected TCP socket of the calling thread's network namespace, as a descriptor. */
export function openTcp(family: 4 | 6, from?: BoundAddress): number {
  if (from !== undefined) return openSocket(SOCK_STREAM, from, (fd) => bindSocket(fd, from));
  const domain = family === 4 ? AF_INET : AF_INET6;
  const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  return checked(libc.socket(domain, type, 0), `open a TCP socket for IPv${family}`);
}

/** Opens, prepares, and closes again when preparing fails. */
function openSocket(kind: number, at: SocketAddress, prepare: (fd: number) => void): number {
  const { family } = requireAddress(at.address);
  const domain = family === 4 ? AF_INET : AF_INET6;
  const fd = checked(
    libc.socket(domain, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
    `open a socket for ${describe(at)}`,
  );
  try {
    if (family === 6) {
      // Whatever net.ipv6.bindv6only says: `::` is for both families.
      checked(libc.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, int32(0), 4), 'clear IPV6_V6ONLY');
    }
    prepare(fd);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

function bindSocket(fd: number, at: BoundAddress): void {
  const ip = requireAddress(at.address);
  if (at.isTransparent === true) {
    const { level, name } = transparent[ip.family];
    checked(libc.setsockopt(fd, level, name, int32(1), 4), `let a socket be ${describe(at)}`);
  }
  const address = socketAddress(ip, at.port);
  checked(libc.bind(fd, address, address.length), `bind ${describe(at)}`);
}

/** `struct sockaddr_in` or `sockaddr_in6`: family, port, [flow], address, [scope]. */
export function socketAddress(address: Address, port: number): Buffer {
  const isV4 = address.family === 4;
  const buffer = Buffer.alloc(isV4 ? 16 : 28);
  buffer.writeUInt16LE(isV4 ? AF_INET : AF_INET6, 0);
  buffer.writeUInt16BE(port, 2);
  buffer.set(addressToBytes(address), isV4 ? 4 : 8);
  return buffer;
}

function describe({ address, port }: SocketAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
