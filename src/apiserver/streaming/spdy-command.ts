import { ApiError } from '../../kube/index.ts';
import type { CommandChannels } from './command-channels.ts';
import { type CommandOptions, parseCommandOptions } from './command-options.ts';
import { switchToSpdy } from './http-response.ts';
import { negotiate, offersOf } from './negotiate.ts';
import { type CommandUpgrade, runCommand } from './run-command.ts';
import type { Headers } from './spdy/header-block.ts';
import { SpdySession } from './spdy/session.ts';
import type { SpdyStream } from './spdy/stream.ts';

/** Version 5 differs from 4 on WebSocket only; 3 brought terminal sizes, 4 the status as JSON. */
const PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
] as const;
const STREAM_CREATION_TIMEOUT_MS = 30_000;
/**
 * The client closes the connection once it has read everything. Doing it from here is a race that the client loses:
 * spdystream drops frames it has not yet delivered when it sees the end of the connection. This bound is for clients
 * that never do.
 */
const LINGER_MS = 10 * 60_000;

type Protocol = (typeof PROTOCOLS)[number];
type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize';

/** Serves exec and attach over SPDY/3.1: one stream for each channel, opened by the client. */
export async function serveSpdyCommand(upgrade: CommandUpgrade): Promise<void> {
  const options = parseCommandOptions(upgrade.kind, upgrade.query);
  const offers = offersOf(upgrade.request.headers['x-stream-protocol-version']);
  const protocol = negotiate(offers, PROTOCOLS);
  switchToSpdy(upgrade.socket, protocol);
  const channels = await openChannels(upgrade, expectedStreams(options, protocol), protocol);
  if (channels !== undefined) {
    await runCommand(upgrade, options, channels);
  }
}

function expectedStreams(options: CommandOptions, protocol: Protocol): ReadonlySet<StreamType> {
  const types: StreamType[] = ['error'];
  for (const type of ['stdin', 'stdout', 'stderr'] as const) {
    if (options[type]) {
      types.push(type);
    }
  }
  if (options.tty && protocol !== 'v2.channel.k8s.io') {
    types.push('resize');
  }
  return new Set(types);
}

/** Resolves when the client has opened every stream it announced; `undefined` when it never did. */
async function openChannels(
  upgrade: CommandUpgrade,
  expected: ReadonlySet<StreamType>,
  protocol: Protocol,
): Promise<CommandChannels | undefined> {
  const streams = new Map<StreamType, SpdyStream>();
  const complete = Promise.withResolvers<boolean>();
  const session = new SpdySession({
    transport: upgrade.socket,
    head: upgrade.head,
    accept: (headers) => {
      const type = typeOf(headers);
      return type !== undefined && expected.has(type) && !streams.has(type);
    },
    onStream: (stream) => {
      const type = typeOf(stream.headers);
      if (type !== undefined) {
        streams.set(type, stream);
      }
      if (streams.size === expected.size) {
        complete.resolve(true);
      }
    },
  });
  const timer = setTimeout(() => complete.resolve(false), STREAM_CREATION_TIMEOUT_MS).unref();
  session.signal.addEventListener('abort', () => complete.resolve(false));
  const isComplete = await complete.promise;
  clearTimeout(timer);
  if (!isComplete) {
    session.close();
    return undefined;
  }
  return channelsOf(session, streams, protocol);
}

function channelsOf(
  session: SpdySession,
  streams: ReadonlyMap<StreamType, SpdyStream>,
  protocol: Protocol,
): CommandChannels {
  const error = streams.get('error');
  if (error === undefined) {
    throw new ApiError('BadRequest', 'the client opened no error stream');
  }
  // Nothing comes in on the outputs, but their end must be read for the streams to be over.
  for (const type of ['error', 'stdout', 'stderr'] as const) {
    streams.get(type)?.resume();
  }
  return {
    ...Object.fromEntries(streams),
    error,
    statusFormat: /^v[45]/.test(protocol) ? 'json' : 'text',
    signal: session.signal,
    finish: () => lingerThenClose(session, streams),
  };
}

async function lingerThenClose(
  session: SpdySession,
  streams: ReadonlyMap<StreamType, SpdyStream>,
): Promise<void> {
  // Input that nobody reads any more must not hold back the news that the client is gone.
  streams.get('stdin')?.resume();
  const timer = setTimeout(() => session.close(), LINGER_MS).unref();
  await session.closed();
  clearTimeout(timer);
}

function typeOf(headers: Headers): StreamType | undefined {
  const type = headers.get('streamtype');
  switch (type) {
    case 'error':
    case 'stdin':
    case 'stdout':
    case 'stderr':
    case 'resize':
      return type;
    default:
      return undefined;
  }
}
