import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import type { ContainerStreams } from '../../runtime/index.ts';
import type { CommandChannels } from './command-channels.ts';
import type { CommandOptions } from './command-options.ts';
import type { StreamingUpgrade } from './contract.ts';
import {
  encodeStatus,
  exitStatus,
  failureStatus,
  type StreamStatus,
  successStatus,
} from './stream-status.ts';
import { watchTerminalSize } from './terminal-size.ts';

/** An upgrade of a kind that runs over {@link CommandChannels}. */
export type CommandUpgrade = StreamingUpgrade & { readonly kind: 'exec' | 'attach' };

/**
 * Runs the exec or attach over open channels. The order of the end is what keeps output whole: all output is handed to
 * the connection, then the status, then the connection is ended.
 */
export async function runCommand(
  upgrade: CommandUpgrade,
  options: CommandOptions,
  channels: CommandChannels,
): Promise<void> {
  const status = await settle(upgrade, options, streamsOf(options, channels));
  await Promise.all([flush(channels.stdout), flush(channels.stderr)]);
  channels.error.end(encodeStatus(status, channels.statusFormat));
  await flush(channels.error);
  await channels.finish();
}

async function settle(
  upgrade: CommandUpgrade,
  options: CommandOptions,
  streams: ContainerStreams,
): Promise<StreamStatus> {
  const { namespace, pod, node, kind } = upgrade;
  const target = { namespace, pod, container: options.container };
  try {
    if (kind === 'exec') {
      return exitStatus(await node.exec(target, options.command, streams));
    }
    await node.attach(target, streams);
    return successStatus;
  } catch (error) {
    return failureStatus(kind, error);
  }
}

function streamsOf(options: CommandOptions, channels: CommandChannels): ContainerStreams {
  const { stdin, stdout, stderr, resize, signal } = channels;
  return {
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    tty: options.tty,
    ...(resize === undefined
      ? {}
      : { onResize: (listener) => watchTerminalSize(resize, listener) }),
    signal,
  };
}

/** Resolves when all was written, or never can be: then the client is gone or wants no more of it. */
async function flush(output: Writable | undefined): Promise<void> {
  if (output === undefined) {
    return;
  }
  if (!output.writableEnded) {
    output.end();
  }
  await Promise.allSettled([finished(output, { readable: false })]);
}
