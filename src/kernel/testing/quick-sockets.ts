import koffi from 'koffi';
import { isIPv6 } from 'node:net';
import { socketAddress } from '../ip-socket.ts';
import type { Kernel, SocketAddress } from '../kernel.ts';
import { checked, lastErrno, libc } from '../libc.ts';
import {
  AF_INET,
  AF_INET6,
  int32,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from '../socket-constants.ts';
import { requireAddress } from '../../ip/index.ts';

const library = koffi.load(null);
const calls = {
  connect: library.func('int connect(int fd, const uint8_t *address, uint32_t length)'),
  accept4: library.func('int accept4(int fd, void *address, void *length, int flags)'),
  sendto: library.func(
    'long sendto(int fd, const uint8_t *buffer, size_t length, int flags, const uint8_t *address, uint32_t size)',
  ),
  recvfrom: library.func(
    'long recvfrom(int fd, uint8_t *buffer, size_t length, int flags, _Inout_ uint8_t *address, _Inout_ uint32_t *size)',
  ),
} as const;

const SOL_SOCKET = 1;
const SO_LINGER = 13;
/** `struct linger`: on, for no time, so that closing resets the connection and leaves nothing behind. */
const AT_ONCE = Buffer.concat([int32(1), int32(0)]);
const EINPROGRESS = 115;
const ECONNREFUSED = 111;
const POLLIN = 1;
const POLLOUT = 4;
const NAME_BYTES = 28;

/** One try to reach somebody: what opened it, and how it stands. */
export interface QuickAttempt {
  /** True once the other end has answered: it accepted, echoed, or refused. */
  isAnswered(): boolean;
  close(): void;
}

/** Somebody who answers everything that has arrived whenever it is asked to. */
export interface QuickServer {
  answer(): void;
  close(): void;
}

const buffer = Buffer.alloc(2048);

function events(fd: number, wanted: number): number {
  const polled = Buffer.alloc(8);
  polled.writeInt32LE(fd, 0);
  polled.writeInt16LE(wanted, 4);
  checked(libc.poll(polled, 1, 0), 'poll a test socket');
  return polled.readInt16LE(6);
}

function nameOf(to: SocketAddress): Buffer {
  return socketAddress(requireAddress(to.address), to.port);
}

/** Begins a TCP connection; must run in the namespace of the client. */
export function quickTcp(to: SocketAddress): QuickAttempt {
  const domain = isIPv6(to.address) ? AF_INET6 : AF_INET;
  const fd = checked(
    libc.socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
    'open a socket',
  );
  checked(libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, AT_ONCE, AT_ONCE.length), 'set SO_LINGER');
  const name = nameOf(to);
  if (calls.connect(fd, name, name.length) === -1) {
    const errno = lastErrno();
    if (errno !== EINPROGRESS && errno !== ECONNREFUSED) checked(-1, `connect to ${to.address}`);
  }
  return { isAnswered: () => events(fd, POLLOUT) !== 0, close: () => void libc.close(fd) };
}

const SOCK_RAW = 3;

const FIRST_PORT = 10_000;
const PORTS = 50_000;
let lastPort = 0;

/** Ports in turn: one that comes again soon would belong to a flow that is still tracked. */
function nextPort(): number {
  lastPort = (lastPort + 1) % PORTS;
  return FIRST_PORT + lastPort;
}

/** Sends one datagram; must run in the namespace of the client. */
export function quickUdp(to: SocketAddress, length = 1): QuickAttempt {
  const domain = isIPv6(to.address) ? AF_INET6 : AF_INET;
  const fd = checked(
    libc.socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
    'open a socket',
  );
  const own = nameOf({ address: isIPv6(to.address) ? '::' : '0.0.0.0', port: nextPort() });
  checked(libc.bind(fd, own, own.length), 'bind a test socket');
  const name = nameOf(to);
  checked(
    calls.sendto(fd, Buffer.alloc(length), length, 0, name, name.length),
    `send to ${to.address}`,
  );
  return { isAnswered: () => events(fd, POLLIN) !== 0, close: () => void libc.close(fd) };
}

/** Accepts whoever connects, and lets go of them. */
export function quickTcpServer(kernel: Kernel, path: string, port: number): QuickServer {
  const fd = kernel.listenTcp(path, { address: '::', port });
  return {
    answer() {
      for (;;) {
        const client = calls.accept4(fd, null, null, SOCK_CLOEXEC) as number;
        if (client === -1) return;
        libc.close(client);
      }
    },
    close: () => kernel.closeDescriptor(fd),
  };
}

/** Sends every datagram back. */
export function quickUdpServer(kernel: Kernel, path: string, port: number): QuickServer {
  const fd = kernel.bindUdp(path, { address: '::', port });
  const name = Buffer.alloc(NAME_BYTES);
  return {
    answer() {
      for (;;) {
        const length = calls.recvfrom(fd, buffer, buffer.length, 0, name, [NAME_BYTES]) as number;
        if (length === -1) return;
        checked(calls.sendto(fd, buffer, length, 0, name, NAME_BYTES), 'echo a datagram');
      }
    },
    close: () => kernel.closeDescriptor(fd),
  };
}

/**
 * Sends one packet of any protocol, from the transport header on; must run in the namespace of the client. With a
 * `receiver`, it is answered once that has got something; else the sender itself has to hear.
 */
export function quickRaw(
  to: string,
  packet: { readonly protocol: number; readonly bytes: Uint8Array },
  receiver?: QuickReceiver,
): QuickAttempt {
  const fd = openRaw(to, packet.protocol);
  const name = nameOf({ address: to, port: 0 });
  const { bytes } = packet;
  checked(calls.sendto(fd, bytes, bytes.length, 0, name, name.length), `send to ${to}`);
  return {
    isAnswered: () => receiver?.hasReceived() ?? events(fd, POLLIN) !== 0,
    close: () => void libc.close(fd),
  };
}

/** Somebody who only listens, to all packets of a protocol. */
export interface QuickReceiver {
  hasReceived(): boolean;
  close(): void;
}

/** Opens one for the family of an address; must run in the namespace of the receiver. */
export function quickReceiver(address: string, protocol: number): QuickReceiver {
  const fd = openRaw(address, protocol);
  return {
    hasReceived: () => events(fd, POLLIN) !== 0,
    close: () => void libc.close(fd),
  };
}

function openRaw(address: string, protocol: number): number {
  const domain = isIPv6(address) ? AF_INET6 : AF_INET;
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  return checked(libc.socket(domain, type, protocol), 'open a raw socket');
}
