import { Fault } from '../fault/index.ts';
import { errnoName } from '../netlink/index.ts';
import { KernelError } from './kernel-error.ts';
import { lastErrno, libc } from './libc.ts';

const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;

/** Datagrams of dumps are 32 KiB at most (`netlink_dump` in net/netlink/af_netlink.c). */
const DATAGRAM_BYTES = 256 * 1024;

/** Every receive on this thread reads into these bytes and returns a copy. */
const buffer = Buffer.alloc(DATAGRAM_BYTES);

/** The next datagram of a netlink socket, or the errno. @throws Fault `NETLINK_TRUNCATED` when it does not fit. */
export function receive(fd: number, flags = 0): Buffer | number {
  const length = libc.recv(fd, buffer, DATAGRAM_BYTES, MSG_TRUNC | flags) as number;
  if (length < 0) return lastErrno();
  if (length <= DATAGRAM_BYTES) return Buffer.from(buffer.subarray(0, length));
  throw new Fault({
    code: 'NETLINK_TRUNCATED',
    message: `the kernel sent a netlink datagram of ${length} bytes, ${DATAGRAM_BYTES} fit`,
  });
}

/** The next datagram if there is one; `lost` when the socket's buffer has overflowed since the last call. */
export function receiveNow(fd: number): Buffer | 'nothing' | 'lost' {
  for (;;) {
    const received = receive(fd, MSG_DONTWAIT);
    if (typeof received !== 'number') return received;
    const name = errnoName(received);
    if (name === 'EAGAIN') return 'nothing';
    if (name === 'ENOBUFS') return 'lost';
    if (name !== 'EINTR') throw new KernelError('receive kernel events', received);
  }
}
