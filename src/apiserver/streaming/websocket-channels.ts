import { Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { CommandChannels } from './command-channels.ts';
import type { CommandOptions } from './command-options.ts';
import {
  channelNumbers,
  type ChannelProtocol,
  decodeMessage,
  encodeMessage,
} from './websocket-protocol.ts';

/**
 * kubectl gives a connection up that has sent it no pong for a minute, and its pings are not read while the command
 * leaves its input unread; pongs may come unasked (RFC 6455, 5.5.3). The write also finds out that a client is gone.
 */
const HEARTBEAT_MS = 5000;

/** Makes the channels of one exec or attach from a WebSocket. Must run before the first message can arrive. */
export function openWebSocketChannels(
  socket: WebSocket,
  protocol: ChannelProtocol,
  options: CommandOptions,
): CommandChannels {
  const inbound = new InboundChannels(socket, protocol);
  const gone = new AbortController();
  const output = (channel: number): Writable => outputChannel(socket, protocol, channel);
  const outputs = {
    error: output(channelNumbers.error),
    ...(options.stdout ? { stdout: output(channelNumbers.stdout) } : {}),
    ...(options.stderr ? { stderr: output(channelNumbers.stderr) } : {}),
  };
  const heartbeat = setInterval(() => socket.pong(), HEARTBEAT_MS).unref();
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      clearInterval(heartbeat);
      inbound.destroy();
      Object.values(outputs).forEach((channel) => channel.destroy());
      gone.abort();
      resolve();
    });
  });
  announce(outputs.stdout ?? outputs.stderr ?? outputs.error);
  return {
    ...outputs,
    ...(options.stdin ? { stdin: inbound.open(channelNumbers.stdin) } : {}),
    ...(options.tty ? { resize: inbound.open(channelNumbers.resize) } : {}),
    statusFormat: protocol.statusFormat,
    signal: gone.signal,
    finish: () => {
      inbound.discard();
      socket.close(1000);
      return closed;
    },
  };
}

/** An empty message on the lowest output channel tells a client that the command's connection is made. */
function announce(channel: Writable): void {
  channel.write(Buffer.alloc(0));
}

function outputChannel(socket: WebSocket, protocol: ChannelProtocol, channel: number): Writable {
  const writable = new Writable({
    highWaterMark: 64 * 1024,
    write(payload: Buffer, _encoding, done) {
      // The callback comes when the bytes have left for the network: that is the back-pressure.
      socket.send(encodeMessage(protocol, { channel, payload }), (error) => {
        if (error) {
          // The client is gone, which is the writer's to know but no error of the channel.
          writable.destroy();
        }
        done(error);
      });
    },
  });
  return writable;
}

/** The channels that the client writes to; the WebSocket is paused while one of them has enough unread. */
class InboundChannels {
  private readonly socket: WebSocket;
  private readonly protocol: ChannelProtocol;
  private readonly channels = new Map<number, Readable>();
  private readonly full = new Set<number>();
  /** What comes on these after all is ignored: a Readable would take it for an error of ours. */
  private readonly ended = new Set<number>();

  constructor(socket: WebSocket, protocol: ChannelProtocol) {
    this.socket = socket;
    this.protocol = protocol;
    socket.on('message', (data) => this.receive(data as Buffer));
  }

  open(channel: number): Readable {
    const readable = new Readable({
      read: () => this.wanted(channel),
      destroy: (error, done) => {
        this.wanted(channel);
        done(error);
      },
    });
    this.channels.set(channel, readable);
    return readable;
  }

  /** From now on everything that comes is read and forgotten, so that the client's close is seen. */
  discard(): void {
    this.destroy();
    this.socket.resume();
  }

  destroy(): void {
    for (const readable of this.channels.values()) {
      readable.destroy();
    }
    this.channels.clear();
  }

  private receive(data: Buffer): void {
    const message = decodeMessage(this.protocol, data);
    if (message === undefined) {
      return;
    }
    const { channel, payload } = message;
    if (channel === channelNumbers.close && this.protocol.hasClose) {
      this.end(payload[0] ?? channelNumbers.close);
    } else if (!this.ended.has(channel)) {
      this.push(channel, payload);
    }
  }

  private end(channel: number): void {
    if (!this.ended.has(channel)) {
      this.ended.add(channel);
      this.channels.get(channel)?.push(null);
    }
  }

  private push(channel: number, payload: Buffer): void {
    const readable = this.channels.get(channel);
    if (readable === undefined || readable.destroyed || payload.length === 0) {
      return;
    }
    if (!readable.push(payload)) {
      this.full.add(channel);
      this.socket.pause();
    }
  }

  private wanted(channel: number): void {
    if (this.full.delete(channel) && this.full.size === 0) {
      this.socket.resume();
    }
  }
}
