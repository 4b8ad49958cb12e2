import { clientSlot } from './kernel-path/client-slot.ts';
import type { HealthStatus } from './node-health.ts';

/** What the choice reads of a node. */
export interface Candidate {
  readonly name: string;
  readonly status: HealthStatus;
}

export interface Choice {
  /** Whose connection it is, when one client's should go to one node. */
  readonly client?: string;
  /** Counts connections; they go round. */
  readonly turn: number;
  /** Nodes that could not be reached for this connection. */
  readonly tried: ReadonlySet<string>;
}

/**
 * Chooses among the healthy nodes; among all when none is known to be healthy, because the check may be wrong and there
 * is nothing to lose (the documented cloud calls it fail-open). Undefined when every one of them was tried.
 */
export function chooseNode<T extends Candidate>(
  nodes: readonly T[],
  choice: Choice,
): T | undefined {
  const healthy = nodes.filter(({ status }) => status === 'healthy');
  const usable = healthy.length > 0 ? healthy : nodes;
  const left = usable.filter(({ name }) => !choice.tried.has(name));
  if (left.length === 0) return undefined;
  const { client } = choice;
  if (client === undefined) return left[choice.turn % left.length];
  return nodeOfSlot(left, clientSlot(client));
}

/**
 * The node that serves the clients of a slot: the highest score wins, so that a node's leaving moves its own slots alone
 * (rendezvous hashing). Undefined when there is no node.
 */
export function nodeOfSlot<T extends { readonly name: string }>(
  nodes: readonly T[],
  slot: number,
): T | undefined {
  return nodes.reduce<T | undefined>(
    (best, node) =>
      best === undefined || score(slot, node.name) > score(slot, best.name) ? node : best,
    undefined,
  );
}

function score(slot: number, name: string): number {
  return hash(`${slot} ${name}`);
}

/** FNV-1a, 32 bits, with a final mix: names that differ in their last letter alone would score alike. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
