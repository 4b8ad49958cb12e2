import { Socket } from 'node:net';
import { Fault } from '../../fault/index.ts';
import type { StartMessage } from './messages.ts';
import { traceOf } from './source-stack.ts';

/** The descriptor on which a starting daemon reports. */
export const START_PIPE = 3;

function failure(error: unknown): StartMessage {
  if (!(error instanceof Fault)) {
    return { kind: 'failed', code: 'INTERNAL', message: traceOf(error) };
  }
  return {
    kind: 'failed',
    code: error.code,
    message: error.message,
    ...(error.advice === undefined ? {} : { advice: error.advice }),
  };
}

/** The starting daemon's end of the pipe to whoever started it. */
export class StartPipe {
  private readonly socket = new Socket({ fd: START_PIPE });
  private isDone = false;

  /** @param onOrphaned called when the starter goes before the start is done */
  constructor(onOrphaned: () => void) {
    this.socket.on('error', () => {});
    this.socket.once('close', () => {
      if (!this.isDone) onOrphaned();
    });
    this.socket.resume();
  }

  /** Tells of a step, or that the cluster is ready, which ends the report. */
  tell(message: StartMessage): void {
    const line = `${JSON.stringify(message)}\n`;
    if (message.kind === 'step') {
      this.socket.write(line);
      return;
    }
    this.isDone = true;
    this.socket.end(line);
  }

  /** Tells why there will be no cluster; resolves when it is told. */
  async fail(error: unknown): Promise<void> {
    if (this.socket.destroyed) return;
    this.isDone = true;
    await new Promise<void>((resolve) => {
      this.socket.once('close', () => resolve());
      this.socket.end(`${JSON.stringify(failure(error))}\n`, () => resolve());
    });
  }
}
