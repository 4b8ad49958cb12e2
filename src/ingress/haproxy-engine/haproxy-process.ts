import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../fault/index.ts';
import { createKernel } from '../../kernel/index.ts';
import type { HaproxyProgram } from './find-haproxy.ts';
import { lastWords } from './last-words.ts';
import { RuntimeSocket } from './runtime-socket.ts';

/** How often a starting process is looked at. */
const LOOK_MS = 2;
/** The end of what HAProxy says; an alert is long, and followed by others. */
const KEPT = 2000;

export interface LaunchOptions {
  readonly program: HaproxyProgram;
  readonly netns: string | undefined;
  readonly configuration: string;
  /** Path of its runtime API's socket. */
  readonly admin: string;
  /** Whose listening sockets are taken over, and who is told to end when its connections have. */
  readonly previous?: HaproxyProcess;
}

/** One HAProxy in the controller pod's network namespace. */
export class HaproxyProcess {
  readonly admin: string;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private said = '';
  private api: RuntimeSocket | undefined;

  /** Resolves when it takes connections and commands. @throws Fault `INGRESS_CANNOT_LISTEN` with what HAProxy says */
  static async launch(options: LaunchOptions): Promise<HaproxyProcess> {
    const launched = new HaproxyProcess(options);
    for (;;) {
      try {
        launched.api = await RuntimeSocket.open(options.admin);
        return launched;
      } catch {
        // Not there yet: it listens when it has read its configuration.
        await Promise.race([delay(LOOK_MS), launched.ended]);
      }
      if (launched.isOver) {
        const message = `HAProxy did not start: ${launched.whyOver()}`;
        throw new Fault({ code: 'INGRESS_CANNOT_LISTEN', message });
      }
    }
  }

  private constructor({ program, netns, configuration, admin, previous }: LaunchOptions) {
    this.admin = admin;
    const takeOver =
      previous === undefined ? [] : ['-x', previous.admin, '-sf', `${previous.child.pid}`];
    // It must not outlive this process, however that ends.
    const command = ['--pdeathsig', 'KILL', program.path, '-db', '-f', configuration, ...takeOver];
    this.child = createKernel().inNamespace(netns, () =>
      spawn('setpriv', command, { stdio: ['ignore', 'ignore', 'pipe'], env: program.env }),
    );
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-KEPT);
    });
    this.child.on('error', (error) => {
      this.said += error.message;
    });
    this.ended = once(this.child, 'close').catch(() => undefined);
  }

  get runtime(): RuntimeSocket {
    if (this.api !== undefined) return this.api;
    throw new Fault({ code: 'INGRESS_HAPROXY_GONE', message: 'HAProxy has not been launched' });
  }

  get isOver(): boolean {
    return (
      this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined
    );
  }

  /** Says nothing more to it: it ends by itself once its connections have, ours among them. */
  retire(): void {
    this.api?.close();
  }

  /** Told when it has ended, with the reason in one line. */
  whenOver(tell: (why: string) => void): void {
    void this.ended.then(() => tell(this.whyOver()));
  }

  private whyOver(): string {
    const { exitCode: code, signalCode: signal } = this.child;
    return lastWords(this.said, { code, signal });
  }

  /** Takes no more connections, lets those there are end for at most `graceMs`, then ends it. */
  async stop(graceMs: number): Promise<void> {
    this.api?.close();
    if (!this.isOver) this.child.kill('SIGUSR1');
    const patience = new AbortController();
    await Promise.race([
      this.ended,
      delay(graceMs, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    if (!this.isOver) this.child.kill('SIGKILL');
    await this.ended;
  }
}
