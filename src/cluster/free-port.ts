import { createServer } from 'node:net';

async function canListen(address: string, port: number): Promise<boolean> {
  const server = createServer();
  const outcome = Promise.withResolvers<boolean>();
  server.once('error', () => outcome.resolve(false));
  server.listen({ host: address, port }, () => outcome.resolve(true));
  const isFree = await outcome.promise;
  if (isFree) await new Promise((closed) => server.close(closed));
  return isFree;
}

/** The first of some ports that is free at an address of this host; undefined when none is. */
export async function firstFreePort(
  address: string,
  ports: readonly number[],
): Promise<number | undefined> {
  for (const port of ports) if (await canListen(address, port)) return port;
  return undefined;
}
