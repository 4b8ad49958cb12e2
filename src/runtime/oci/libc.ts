import { closeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';
import { Fault } from '../../fault/index.ts';

/**
 * The few calls of the C library that terminals and conmon's attach socket need and Node does not offer. Each returns
 * what the C function returns; failed calls throw a Fault with the errno name.
 */
const libc = koffi.load('libc.so.6');
const ioctlFunction = libc.func('int ioctl(int fd, unsigned long request, void *argument)');
const socketFunction = libc.func('int socket(int domain, int type, int protocol)');
const connectFunction = libc.func('int connect(int fd, void *address, unsigned int length)');
const sendFunction = libc.func('intptr_t send(int fd, void *data, size_t length, int flags)');
const recvFunction = libc.func('intptr_t recv(int fd, void *data, size_t length, int flags)');
const shutdownFunction = libc.func('int shutdown(int fd, int how)');

/** asm-generic/ioctls.h: the same on x86 and ARM. */
const TIOCSWINSZ = 0x5414;
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;
/** linux/socket.h, linux/net.h */
const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const SHUT_RDWR = 2;

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** Sets the size of a terminal (`struct winsize`). */
export function setTerminalSize(fd: number, { width, height }: TerminalSize): void {
  const size = new Uint16Array([height, width, 0, 0]);
  check('ioctl TIOCSWINSZ', Number(ioctlFunction(fd, TIOCSWINSZ, size)));
}

/** Unlocks the terminal behind a master opened from /dev/ptmx and returns its number below /dev/pts. */
export function unlockTerminal(master: number): number {
  const value = new Int32Array([0]);
  check('ioctl TIOCSPTLCK', Number(ioctlFunction(master, TIOCSPTLCK, value)));
  check('ioctl TIOCGPTN', Number(ioctlFunction(master, TIOCGPTN, value)));
  return value[0] ?? 0;
}

/** Connects to a SOCK_SEQPACKET socket of the file system; the path has at most 107 bytes (unix(7)). */
export function connectSeqpacket(path: string): number {
  const fd = Number(socketFunction(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  check('socket', fd);
  const address = Buffer.alloc(110);
  address.writeUInt16LE(AF_UNIX, 0);
  address.write(path, 2);
  const result = Number(connectFunction(fd, address, address.length));
  if (result === 0) return fd;
  const name = errnoName();
  closeSync(fd);
  throw callFault(`connect ${path}`, name);
}

/** Sends one packet; false when the receiver's queue is full. */
export function trySend(fd: number, packet: Uint8Array): boolean {
  const sent = Number(sendFunction(fd, packet, packet.length, MSG_DONTWAIT | MSG_NOSIGNAL));
  if (sent >= 0) return true;
  const name = errnoName();
  if (name === 'EAGAIN') return false;
  throw callFault('send', name);
}

/** Waits for one packet and returns its length; 0 at the end, after a reset too. */
export function receive(fd: number, into: Uint8Array): number {
  for (;;) {
    const length = Number(recvFunction(fd, into, into.length, 0));
    if (length >= 0) return length;
    const name = errnoName();
    if (name === 'ECONNRESET') return 0;
    if (name !== 'EINTR') throw callFault('recv', name);
  }
}

/** Ends the sending direction, or both: a waiting {@link receive} then returns 0. */
export function shutdownSocket(fd: number, direction: 'write' | 'both'): void {
  // ENOTCONN only says that the other side was faster.
  shutdownFunction(fd, direction === 'write' ? SHUT_WR : SHUT_RDWR);
}

function check(call: string, result: number): void {
  if (result < 0) throw callFault(call, errnoName());
}

const errnoName = (): string => getSystemErrorName(-koffi.errno());

function callFault(call: string, errno: string): Fault {
  return new Fault({ code: 'SYSTEM_CALL_FAILED', message: `${call}: ${errno}` });
}
