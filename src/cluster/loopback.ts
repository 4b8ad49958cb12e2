import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { Fault } from '../fault/index.ts';
import type { ClusterRecord } from './record.ts';

/** Loopback addresses have one byte for the cluster. */
const MAX_CLUSTERS = 256;
/** The usual port of an API server; each further cluster prefers the next. */
const FIRST_API_PORT = 6443;

/** The host's own loopback address of a node: 127.18.CLUSTER.(ORDINAL+1). */
export function nodeLoopback(index: number, ordinal: number): string {
  return `127.18.${index}.${ordinal + 1}`;
}

/** The port that the API server of a new cluster tries first. */
export function preferredApiPort(index: number): number {
  return FIRST_API_PORT + index;
}

/** The lowest index that no cluster has. @throws Fault `TOO_MANY_CLUSTERS` */
export function freeIndex(taken: Iterable<number>): number {
  const set = new Set(taken);
  for (let index = 0; index < MAX_CLUSTERS; index += 1) if (!set.has(index)) return index;
  throw new Fault({
    code: 'TOO_MANY_CLUSTERS',
    message: `there are ${MAX_CLUSTERS} clusters on this machine already`,
    advice: 'Delete one: portolan delete --name NAME',
  });
}

async function tryClaim(index: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    // An abstract name (unix(7)) belongs to a network namespace, just as the addresses do, and goes with its holder.
    server.listen(`\0portolan/127.18.${index}`);
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** The right to the addresses of an index, as long as this process lives. */
export interface IndexClaim {
  readonly index: number;
  release(): void;
}

/**
 * Claims loopback addresses that no other cluster of this machine uses, whoever runs it: the preferred ones if they are
 * free, else the next. @param taken indices of the same user's clusters, stopped ones included
 * @throws Fault `TOO_MANY_CLUSTERS`
 */
export async function claimIndex(preferred: number, taken: Iterable<number>): Promise<IndexClaim> {
  const tried = new Set(taken);
  for (let index = preferred; ; index = freeIndex(tried)) {
    const server = await tryClaim(index);
    if (server !== undefined) return { index, release: () => void server.close() };
    tried.add(index);
  }
}

/** The record with another index; the API port moves along unless it had to leave its place before. */
export function withIndex(record: ClusterRecord, index: number): ClusterRecord {
  const isPreferred = record.apiPort === preferredApiPort(record.index);
  return { ...record, index, apiPort: isPreferred ? preferredApiPort(index) : record.apiPort };
}
