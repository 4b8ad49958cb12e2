import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { Fault } from '../fault/index.ts';
import type { Door, DoorContext, Route } from './door.ts';

/** Datagrams kept for a session whose socket is not ready yet. */
const MAX_WAITING = 64;

/** One client's way into the fabric and back. */
interface Session {
  send(datagram: Buffer): void;
  close(): void;
}

/**
 * Passes datagrams to the target, each client through a socket of its own in the fabric, so that answers find their
 * way back. An idle session is forgotten after a while; when there are too many, the idlest goes.
 *
 * @throws the system's error when it cannot listen.
 */
export async function openUdpDoor(context: DoorContext): Promise<Door> {
  const socket = createSocket(context.family === 6 ? 'udp6' : 'udp4');
  // A descriptor is bound already: `bind` then emits before it returns.
  const listening = once(socket, 'listening');
  socket.bind({ ...context.entrance, exclusive: true });
  await listening;
  // A client that is gone makes the kernel report ECONNREFUSED here; the others go on.
  socket.on('error', () => undefined);
  const sessions = new Sessions(context, socket);
  socket.on('message', (datagram, client) => sessions.deliver(datagram, client));
  let isClosed = false;
  // There are no connections to go on: without the listener no answer finds its way back.
  const close = async (): Promise<void> => {
    if (!isClosed) {
      isClosed = true;
      sessions.close();
      socket.close();
    }
  };
  return { stop: close, close };
}

/** The sessions of one listener, the idlest first. */
class Sessions {
  private readonly context: DoorContext;
  private readonly listener: Socket;
  private readonly sessions = new Map<string, Session>();

  constructor(context: DoorContext, listener: Socket) {
    this.context = context;
    this.listener = listener;
  }

  deliver(datagram: Buffer, client: RemoteInfo): void {
    const key = `${client.address} ${client.port}`;
    const session = this.sessions.get(key) ?? this.open(key, client);
    if (session !== undefined) {
      this.sessions.delete(key);
      this.sessions.set(key, session);
      session.send(datagram);
    }
  }

  close(): void {
    for (const session of this.sessions.values()) {
      session.close();
    }
  }

  private open(key: string, client: RemoteInfo): Session | undefined {
    if (!this.context.budget.take() && !this.replaceIdlest()) {
      return undefined;
    }
    const { address, port } = client;
    const end = (): void => this.sessions.get(key)?.close();
    const route = this.context.route({ address: { address, port }, end });
    if (route === undefined) {
      this.context.budget.giveBack();
      return undefined;
    }
    const answer = (datagram: Buffer): void => this.listener.send(datagram, port, address);
    const forget = (): void => {
      this.sessions.delete(key);
      this.context.budget.giveBack();
      route.ended?.();
    };
    try {
      return openSession(this.context, { route, answer, forget });
    } catch (error) {
      if (!(error instanceof Fault)) {
        throw error;
      }
      // No descriptor to be had: the datagram is lost, as datagrams may be.
      forget();
      return undefined;
    }
  }

  private replaceIdlest(): boolean {
    const [idlest] = this.sessions.values();
    idlest?.close();
    return idlest !== undefined && this.context.budget.take();
  }
}

interface SessionParts {
  readonly route: Route;
  readonly answer: (datagram: Buffer) => void;
  readonly forget: () => void;
}

function openSession(
  { kernel, fabric, udpIdleMs }: DoorContext,
  { route, answer, forget }: SessionParts,
): Session {
  const { address, port } = route.target;
  const isSix = isIPv6(address);
  const own = { address: isSix ? '::' : '0.0.0.0', port: 0 };
  const { source } = route;
  const from = source === undefined ? own : { address: source, port: 0, isTransparent: true };
  const fd = kernel.bindUdp(fabric, from);
  const socket = createSocket(isSix ? 'udp6' : 'udp4');
  const waiting: Buffer[] = [];
  let isOpen = true;
  let isConnected = false;
  const close = (): void => {
    if (isOpen) {
      isOpen = false;
      clearTimeout(idle);
      socket.close();
      forget();
    }
  };
  const idle = setTimeout(close, udpIdleMs).unref();
  // The target's "port unreachable": the next datagram tries again with a new session.
  socket.on('error', close);
  socket.on('message', (datagram) => {
    idle.refresh();
    answer(datagram);
  });
  socket.on('listening', () => socket.connect(port, address));
  socket.on('connect', () => {
    isConnected = true;
    waiting.splice(0).forEach((datagram) => socket.send(datagram));
  });
  socket.bind({ fd });
  const send = (datagram: Buffer): void => {
    idle.refresh();
    if (isConnected) {
      socket.send(datagram);
    } else if (waiting.length < MAX_WAITING) {
      waiting.push(datagram);
    }
  };
  return { send, close };
}
