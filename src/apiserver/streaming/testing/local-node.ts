import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { EventEmitter, once } from 'node:events';
import type { Duplex, Writable } from 'node:stream';
import { Fault, messageOf } from '../../../fault/index.ts';
import { notFound } from '../../../kube/index.ts';
import type { ContainerTarget, NodeApi } from '../../../node/index.ts';
import type { ContainerStreams } from '../../../runtime/index.ts';

/**
 * A node whose containers are this machine: commands are child processes over pipes, ports are the loopback's.
 * Attach connects to `cat`. Sizes of the terminal are printed on the output as they arrive: `[80x24]`.
 */
export class LocalNode implements NodeApi {
  private readonly starts = new EventEmitter<{ start: [ChildProcess] }>();

  /** Resolves with the process of the next command. */
  async nextCommand(): Promise<ChildProcess> {
    const [child] = await once(this.starts, 'start');
    return child as ChildProcess;
  }

  async exec(
    target: ContainerTarget,
    command: readonly string[],
    streams: ContainerStreams,
  ): Promise<number> {
    if (target.container === 'missing') {
      throw notFound({ group: '', plural: 'containers' }, target.container);
    }
    const [file = '', ...args] = command;
    const child = spawn(file, args, { stdio: 'pipe' });
    this.starts.emit('start', child);
    join(child, streams);
    const exit = Promise.withResolvers<number>();
    child.on('error', exit.reject);
    child.on('close', (code) => exit.resolve(code ?? 137));
    return exit.promise;
  }

  async attach(target: ContainerTarget, streams: ContainerStreams): Promise<void> {
    await this.exec(target, ['cat'], streams);
  }

  async portForward(pod: { namespace: string; pod: string }, port: number): Promise<Duplex> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      throw new Fault({
        code: 'CONNECTION_REFUSED',
        message: `pod ${pod.namespace}/${pod.pod} refuses port ${port}: ${messageOf(error)}`,
        cause: error,
      });
    }
  }

  logs(): Promise<void> {
    return Promise.reject(new Error('the local node keeps no logs'));
  }
}

function join(child: ChildProcess, streams: ContainerStreams): void {
  if (child.stdin !== null) {
    // A child that does not want its input is no error of the command.
    child.stdin.on('error', () => undefined);
    if (streams.stdin === undefined) {
      child.stdin.end();
    } else {
      streams.stdin.pipe(child.stdin);
    }
  }
  pass(child.stdout, streams.stdout);
  pass(child.stderr, streams.stderr ?? streams.stdout);
  streams.onResize?.(({ width, height }) => streams.stdout?.write(`[${width}x${height}]\n`));
  streams.signal?.addEventListener('abort', () => child.kill('SIGKILL'));
}

function pass(from: NodeJS.ReadableStream | null, to: Writable | undefined): void {
  if (to === undefined) {
    from?.resume();
    return;
  }
  from?.pipe(to, { end: false });
}
