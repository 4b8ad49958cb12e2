import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CancelTimer, Clock } from '../../clock/index.ts';
import { encodeMessage, type Message } from '../../dnswire/index.ts';
import { Fault } from '../../fault/index.ts';
import type { ForwardSettings } from '../../names/index.ts';
import { upstreamText, type UpstreamAddress } from './address.ts';
import { answerIn, noAnswer, type Exchange } from './exchange.ts';

export interface ConnectionsOptions {
  readonly to: UpstreamAddress;
  readonly settings: Pick<ForwardSettings, 'expireMs' | 'maxIdle' | 'tls'>;
  readonly clock: Clock;
}

interface Idle {
  readonly socket: Socket;
  readonly cancelExpiry: CancelTimer;
  /** Hears that the server closed it. */
  readonly onClose: () => void;
}

/** The fault of a server that says nothing more, or something else than an answer. */
function hungUp({ to }: Exchange): Fault {
  return new Fault({
    code: 'UPSTREAM_CLOSED',
    message: `the connection to the name server ${upstreamText(to)} ended without an answer`,
    advice: 'Look whether it serves DNS over TCP, and over TLS where the Corefile says tls://.',
  });
}

function framed(query: Message): Buffer {
  const bytes = encodeMessage(query);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Sends a question and reads the one message that comes back (RFC 7766). Leaves no listener behind. */
async function askOn(socket: Socket, exchange: Exchange): Promise<Message> {
  const { query, timeoutMs } = exchange;
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  let received: Buffer = Buffer.alloc(0);
  const fail = (): void => reject(hungUp(exchange));
  const read = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 2) return;
    const end = 2 + received.readUInt16BE(0);
    if (received.length < end) return;
    const answer = answerIn(received.subarray(2, end), query);
    // Whatever came behind the answer would be read as the next one.
    if (answer === undefined || received.length > end) fail();
    else resolve(answer);
  };
  const timer = setTimeout(() => reject(noAnswer(exchange)), timeoutMs);
  socket.on('error', reject).on('close', fail).on('data', read);
  try {
    socket.write(framed(query));
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.off('error', reject).off('close', fail).off('data', read);
  }
}

/** Connections to one upstream over TCP or TLS; each carries one question at a time and is kept a while for the next. */
export class Connections {
  private readonly options: ConnectionsOptions;
  private readonly idle: Idle[] = [];
  private isClosed = false;

  constructor(options: ConnectionsOptions) {
    this.options = options;
  }

  /**
   * Asks; `timeLeft` is how many milliseconds an answer may still take. @throws Fault `UPSTREAM_TIMEOUT`,
   * `UPSTREAM_CLOSED`, or the socket's error, e.g. of a certificate that is not the server's.
   */
  async ask(query: Message, timeLeft: () => number): Promise<Message> {
    const { to } = this.options;
    const kept = this.takeIdle();
    if (kept !== undefined) {
      try {
        return await this.askAndKeep(kept, { to, query, timeoutMs: timeLeft() });
      } catch (error) {
        // The server may have closed it meanwhile, which says nothing about the server; silence does.
        if (error instanceof Fault && error.code === 'UPSTREAM_TIMEOUT') throw error;
      }
    }
    return this.askAndKeep(this.open(), { to, query, timeoutMs: timeLeft() });
  }

  close(): void {
    this.isClosed = true;
    for (const { socket, cancelExpiry } of this.idle.splice(0)) {
      cancelExpiry();
      socket.destroy();
    }
  }

  private async askAndKeep(socket: Socket, exchange: Exchange): Promise<Message> {
    try {
      const answer = await askOn(socket, exchange);
      this.keep(socket);
      return answer;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  private open(): Socket {
    const { to, settings } = this.options;
    const { address: host, port } = to;
    if (!to.isSecure) return connect({ host, port }).on('error', () => undefined);
    const { ca, certificate, key, serverName } = settings.tls;
    const name = to.serverName ?? serverName;
    return connectTls({
      host,
      port,
      ALPNProtocols: ['dot'],
      ...(name === undefined ? {} : { servername: name }),
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
    }).on('error', () => undefined);
  }

  /** The one used last: it is the least likely to be closed by the server. */
  private takeIdle(): Socket | undefined {
    const last = this.idle.pop();
    last?.cancelExpiry();
    return last?.socket.off('close', last.onClose);
  }

  private keep(socket: Socket): void {
    const { clock, settings } = this.options;
    const isFull = settings.maxIdle > 0 && this.idle.length >= settings.maxIdle;
    if (this.isClosed || isFull || socket.destroyed || settings.expireMs === 0) {
      socket.destroy();
      return;
    }
    const forget = (): void => {
      const index = this.idle.findIndex((one) => one.socket === socket);
      const [gone] = index === -1 ? [] : this.idle.splice(index, 1);
      gone?.cancelExpiry();
      socket.destroy();
    };
    const cancelExpiry = clock.setTimer(settings.expireMs, forget);
    this.idle.push({ socket, cancelExpiry, onClose: forget });
    socket.once('close', forget);
  }
}
