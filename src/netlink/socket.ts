/**
 * A netlink datagram socket of one network namespace, as the codecs see it. The real one is in `kernel/`,
 * a recording fake in `testing/`. All calls are synchronous: a request and its acknowledgement take
 * microseconds, and ordering stays plain.
 */
export interface NetlinkSocket {
  /** The port id the kernel gave the socket; requests carry it. */
  readonly portId: number;
  /** Sends one datagram: one message, or a whole nf_tables batch. */
  send(datagram: Uint8Array): void;
  /** Blocks for the next datagram (for at most the socket's receive time-out) and returns a copy of it. */
  receive(): Buffer;
  /** Does nothing the second time. */
  close(): void;
}
