import koffi from 'koffi';
import { addressToBytes, requireAddress } from '../../ip/index.ts';
import { checked, libc } from '../../kernel/libc.ts';
import { AF_INET, SOCK_CLOEXEC, SOCK_NONBLOCK } from '../../kernel/socket-constants.ts';
import type { TestKernel } from '../../kernel/testing/test-kernel.ts';
import type { Host } from './world.ts';

const SOCK_RAW = 3;
const sendto = koffi
  .load(null)
  .func(
    'long sendto(int fd, const uint8_t *buffer, size_t size, int flags, const uint8_t *address, uint32_t length)',
  );

/** A packet of an IPv4 protocol as it arrived, without its IP header. */
export interface RawPacket {
  readonly source: string;
  readonly payload: Buffer;
}

/** An IPv4 raw socket of a host (raw(7)): sends any payload, and is given every packet of the protocol that arrives. */
export class RawSocket {
  private readonly fd: number;

  constructor(test: TestKernel, host: Host, protocol: number) {
    const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
    this.fd = test.kernel.inNamespace(host.path, () =>
      checked(libc.socket(AF_INET, type, protocol), `open a raw socket of ${host.name}`),
    );
  }

  send(to: string, payload: Buffer): void {
    const address = Buffer.alloc(16);
    address.writeUInt16LE(AF_INET, 0);
    address.set(addressToBytes(requireAddress(to)), 4);
    const { fd } = this;
    const sent = Number(sendto(fd, payload, payload.length, 0, address, address.length));
    checked(sent, `send to ${to}`);
  }

  /** Resolves with the first packet that is so; others are passed over. */
  async receive(isSo: (packet: RawPacket) => boolean = () => true): Promise<RawPacket> {
    const buffer = Buffer.alloc(2048);
    for (;;) {
      const length = Number(libc.recv(this.fd, buffer, buffer.length, 0));
      if (length > 0) {
        const packet = withoutHeader(buffer.subarray(0, length));
        if (isSo(packet)) return packet;
      } else {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  close(): void {
    libc.close(this.fd);
  }
}

function withoutHeader(packet: Buffer): RawPacket {
  const length = (packet.readUInt8(0) & 15) * 4;
  return {
    source: [...packet.subarray(12, 16)].join('.'),
    payload: Buffer.from(packet.subarray(length)),
  };
}
