import type { Duplex } from 'node:stream';

/**
 * Joins two connections, each direction with back-pressure and its own end: one side's half-close becomes the other's.
 * Resolves when both directions have ended, or `client` was closed.
 *
 * @throws what `target` failed with; `client` is then still open, so that the failure can be told.
 */
export async function splice(client: Duplex, target: Duplex): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    target.on('error', reject);
    target.on('close', () => resolve());
    client.on('close', () => {
      target.destroy();
      resolve();
    });
    client.pipe(target);
    target.pipe(client);
  });
  if (target.errored === null && !client.destroyed && !client.writableEnded) {
    client.end();
  }
}
