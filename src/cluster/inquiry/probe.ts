import { createSocket } from 'node:dgram';
import { Socket } from 'node:net';
import { encodeMessage, recordClasses, recordTypes } from '../../dnswire/index.ts';
import { formatAddress, type Address } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';

/** One real connection. */
export interface Probe {
  /** Pin of the namespace that it starts in. */
  readonly pin: string;
  readonly address: Address;
  readonly port: number;
  /** An address of the namespace that it comes from; the kernel's choice when absent. */
  readonly from?: Address;
  /** Milliseconds in which who accepted may still think better of it; none when absent. */
  readonly graceMs?: number;
}

/** What became of it: `isOpen` is undefined where the protocol does not tell. */
export interface ProbeOutcome {
  readonly isOpen: boolean | undefined;
  readonly observed: string;
}

/** What a name server answers of a cluster answers at once: its own address. */
export const dnsQuery: Buffer = encodeMessage({
  id: 1,
  isResponse: false,
  opcode: 0,
  isAuthoritative: false,
  isTruncated: false,
  isRecursionDesired: false,
  isRecursionAvailable: false,
  isAuthentic: false,
  isCheckingDisabled: false,
  rcode: 0,
  questions: [{ name: 'ns.dns.cluster.local.', type: recordTypes.A, class: recordClasses.IN }],
  answers: [],
  authorities: [],
  additionals: [],
});

/** Longer than a SYN takes to be sent again once; drops say nothing. */
const TCP_LIMIT_MS = 2500;
const UDP_LIMIT_MS = 1000;

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ECONNRESET: 'reset',
};

function failure(error: NodeJS.ErrnoException): ProbeOutcome {
  return { isOpen: false, observed: words[error.code ?? ''] ?? error.message };
}

/** Opens a TCP connection from a namespace, and closes it when it is open and not reset within the grace. */
export function probeTcp(
  kernel: Kernel,
  { pin, address, port, from, graceMs = 0 }: Probe,
): Promise<ProbeOutcome> {
  const own = from === undefined ? undefined : { address: formatAddress(from), port: 0 };
  const socket = new Socket({ fd: kernel.openTcp(pin, address.family, own) });
  return new Promise<ProbeOutcome>((resolve) => {
    socket.setTimeout(TCP_LIMIT_MS, () => resolve({ isOpen: false, observed: 'timed out' }));
    socket.once('error', (error) => resolve(failure(error)));
    const open = (): void => resolve({ isOpen: true, observed: 'connected' });
    socket.connect(port, formatAddress(address), () => {
      if (graceMs === 0) open();
      // A word, or an end in order, comes from a program that answers.
      else {
        socket.removeAllListeners('timeout').setTimeout(graceMs, open);
        socket.once('data', open).once('end', open);
      }
    });
  }).finally(() => socket.destroy());
}

/** Sends a datagram from a namespace and waits for any answer: an echo, or a refusal. */
export function probeUdp(
  kernel: Kernel,
  { pin, address, port, from }: Probe,
  payload: Uint8Array = Buffer.from('portolan'),
): Promise<ProbeOutcome> {
  const any = address.family === 4 ? '0.0.0.0' : '::';
  const own = from === undefined ? any : formatAddress(from);
  const socket = createSocket(address.family === 4 ? 'udp4' : 'udp6');
  const limit = AbortSignal.timeout(UDP_LIMIT_MS);
  return new Promise<ProbeOutcome>((resolve) => {
    socket.once('error', (error) => resolve(failure(error)));
    socket.once('message', () => resolve({ isOpen: true, observed: 'answered' }));
    limit.addEventListener('abort', () =>
      resolve({ isOpen: undefined, observed: 'no answer, which UDP need not give' }),
    );
    socket.bind({ fd: kernel.bindUdp(pin, { address: own, port: 0 }) }, () => {
      // Connected, so that refusals are told.
      socket.connect(port, formatAddress(address), (error?: Error) => {
        if (error === undefined || error === null) socket.send(payload);
        else resolve(failure(error));
      });
    });
  }).finally(() => socket.close());
}
