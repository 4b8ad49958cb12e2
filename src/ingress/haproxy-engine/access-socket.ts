import { createServer, type Server, type Socket } from 'node:net';

/** HAProxy sends each line as it comes; looked at less often, many come at once. */
const LOOK_MS = 20;
/** A piece this long is not the last that there is. */
const FULL = 60_000;

/** Takes the lines of HAProxy's access log: its ring sends them over a stream, many at a time. */
export class AccessSocket {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  static async listen(
    path: string,
    onLines: (lines: readonly string[]) => void,
  ): Promise<AccessSocket> {
    const access = new AccessSocket(onLines);
    const listening = Promise.withResolvers<void>();
    access.server.once('error', listening.reject);
    access.server.listen(path, listening.resolve);
    await listening.promise;
    return access;
  }

  private constructor(onLines: (lines: readonly string[]) => void) {
    this.server = createServer((socket) => {
      let unread = '';
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      // HAProxy connects again; nothing is lost but what was on its way.
      socket.on('error', () => socket.destroy());
      socket.setEncoding('latin1').on('data', (text: string) => {
        const lines = (unread + text).split('\n');
        unread = lines.pop() ?? '';
        if (lines.length > 0) onLines(lines);
        if (text.length >= FULL) return;
        socket.pause();
        setTimeout(() => socket.resume(), LOOK_MS);
      });
    });
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
