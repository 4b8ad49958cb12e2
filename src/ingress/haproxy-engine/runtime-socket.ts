import { connect, type Socket } from 'node:net';
import { Fault } from '../../fault/index.ts';

/** What stands at the end of every answer (HAProxy's management guide, section 9.3, interactive mode). */
const END = '\n> ';
/** HAProxy takes a command with its payload only as a whole, in one buffer. */
const LONGEST = 8192;

/** A connection to HAProxy's runtime API, on which commands are sent one after the other without waiting. */
export class RuntimeSocket {
  private readonly socket: Socket;
  private readonly waiting: PromiseWithResolvers<string>[] = [];
  private unread = '';

  /** Resolves when commands are taken. @throws the error of the system while nobody listens yet */
  static async open(path: string): Promise<RuntimeSocket> {
    const socket = connect(path);
    const connected = Promise.withResolvers<void>();
    socket.once('connect', connected.resolve).once('error', connected.reject);
    await connected.promise;
    const runtime = new RuntimeSocket(socket);
    await runtime.ask('prompt');
    return runtime;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.removeAllListeners('error');
    const end = (message: string): void => {
      const fault = new Fault({ code: 'INGRESS_HAPROXY_GONE', message });
      for (const { reject } of this.waiting.splice(0)) reject(fault);
    };
    socket.on('error', (error) => end(`HAProxy's runtime API: ${error.message}`));
    socket.on('close', () => end('HAProxy closed its runtime API'));
    socket.setEncoding('utf8').on('data', (text: string) => this.take(text));
  }

  private take(text: string): void {
    this.unread += text;
    for (let end = this.unread.indexOf(END); end !== -1; end = this.unread.indexOf(END)) {
      const answer = this.unread.slice(0, end);
      this.unread = this.unread.slice(end + END.length);
      // Each line of a payload is answered by a prompt of its own.
      this.waiting.shift()?.resolve(answer.replace(/^(?:\+ )+/u, '').trim());
    }
  }

  /** Sends one command, with the lines of its payload. @returns what HAProxy says */
  ask(command: string, payload: readonly string[] = []): Promise<string> {
    if (!this.socket.writable) {
      const message = 'HAProxy has closed its runtime API';
      return Promise.reject(new Fault({ code: 'INGRESS_HAPROXY_GONE', message }));
    }
    const answered = Promise.withResolvers<string>();
    this.waiting.push(answered);
    const lines = payload.length === 0 ? [command] : [`${command} <<`, ...payload, ''];
    this.socket.write(`${lines.join('\n')}\n`);
    return answered.promise;
  }

  /** Sends a command that is to be answered by silence, or with words that are expected. @throws Fault with what it says */
  async tell(command: string, expected?: RegExp, payload?: readonly string[]): Promise<void> {
    this.expect(command, await this.ask(command, payload), expected);
  }

  /** Sends the lines of a payload in as many commands as they need. */
  async tellLines(command: string, lines: readonly string[]): Promise<void> {
    const answers = chunksOf(lines).map((chunk) => this.ask(command, chunk));
    for (const answer of await Promise.all(answers)) this.expect(command, answer);
  }

  private expect(command: string, answer: string, expected: RegExp = /^$/u): void {
    if (expected.test(answer)) return;
    throw new Fault({
      code: 'INGRESS_HAPROXY_REFUSED',
      message: `HAProxy refused "${command}": ${answer.slice(0, 500)}`,
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

function chunksOf(lines: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let room = 0;
  for (const line of lines) {
    if (line.length >= room) {
      chunks.push([]);
      room = LONGEST;
    }
    chunks.at(-1)?.push(line);
    room -= line.length + 1;
  }
  return chunks;
}
