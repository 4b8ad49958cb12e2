import type { StatusFormat } from './stream-status.ts';

/** The numbers that head every message of the channel protocols (apimachinery's `remotecommand` constants). */
export const channelNumbers = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
  error: 3,
  resize: 4,
  /** Version 5: the next byte names a channel on which the client sends nothing more. */
  close: 255,
} as const;

/** One WebSocket subprotocol for exec and attach. */
export interface ChannelProtocol {
  readonly name: string;
  readonly encoding: 'binary' | 'base64';
  readonly statusFormat: StatusFormat;
  readonly hasClose: boolean;
}

/** A client that offers no subprotocol gets the last one. */
export const channelProtocols: readonly ChannelProtocol[] = [
  protocol('v5.channel.k8s.io', 'binary', 'json', true),
  protocol('v4.channel.k8s.io', 'binary', 'json'),
  protocol('v4.base64.channel.k8s.io', 'base64', 'json'),
  protocol('base64.channel.k8s.io', 'base64', 'text'),
  protocol('channel.k8s.io', 'binary', 'text'),
  protocol('', 'binary', 'text'),
];

function protocol(
  name: string,
  encoding: 'binary' | 'base64',
  statusFormat: StatusFormat,
  hasClose = false,
): ChannelProtocol {
  return { name, encoding, statusFormat, hasClose };
}

export interface ChannelMessage {
  readonly channel: number;
  readonly payload: Buffer;
}

/** Returns the message to send: a Buffer goes out as a binary frame, a string as a text frame. */
export function encodeMessage(
  { encoding }: ChannelProtocol,
  { channel, payload }: ChannelMessage,
): Buffer | string {
  return encoding === 'binary'
    ? Buffer.concat([Buffer.of(channel), payload])
    : `${channel}${payload.toString('base64')}`;
}

/** Returns `undefined` for the empty message. */
export function decodeMessage(
  { encoding }: ChannelProtocol,
  message: Buffer,
): ChannelMessage | undefined {
  const first = message[0];
  if (first === undefined) {
    return undefined;
  }
  const rest = message.subarray(1);
  return encoding === 'binary'
    ? { channel: first, payload: rest }
    : // The channel is one decimal digit.
      { channel: first - 0x30, payload: Buffer.from(rest.toString('latin1'), 'base64') };
}
