import { nodeOfSlot } from '../choose-node.ts';
import { SLOTS } from './client-slot.ts';

/** A node that connections are forwarded to. */
export interface ForwardNode {
  readonly name: string;
  /** In canonical form. */
  readonly address: string;
}

/** Nodes that connections are dealt out over. */
export interface NodeGroup {
  readonly number: number;
  /** The address of each slot. */
  readonly slots: readonly string[];
}

interface Held {
  readonly group: NodeGroup;
  holders: number;
}

/**
 * The groups that frontends are dealt out over. Load balancers with the same healthy nodes share one, so that there are
 * few. No number is given twice.
 */
export class NodeGroups {
  private readonly held = new Map<string, Held>();
  private last = 0;

  /** The group for these nodes, and whether it is new. @param nodes at least one, in a stable order */
  take(nodes: readonly ForwardNode[], isSticky: boolean): { group: NodeGroup; isNew: boolean } {
    const key = keyOf(nodes, isSticky);
    const known = this.held.get(key);
    if (known !== undefined) {
      known.holders += 1;
      return { group: known.group, isNew: false };
    }
    this.last += 1;
    const group = { number: this.last, slots: slotsOf(nodes, isSticky) };
    this.held.set(key, { group, holders: 1 });
    return { group, isNew: true };
  }

  /** Lets go of a group that was taken, which is returned when nobody holds it any more. */
  give(nodes: readonly ForwardNode[], isSticky: boolean): NodeGroup | undefined {
    const key = keyOf(nodes, isSticky);
    const known = this.held.get(key);
    if (known === undefined) return undefined;
    known.holders -= 1;
    if (known.holders > 0) return undefined;
    this.held.delete(key);
    return known.group;
  }

  list(): NodeGroup[] {
    return Array.from(this.held.values(), ({ group }) => group);
  }
}

function keyOf(nodes: readonly ForwardNode[], isSticky: boolean): string {
  return [String(isSticky), ...nodes.map(({ name, address }) => `${name}=${address}`)].join(' ');
}

/** In turn, so that every node has its even share; or, for clients that stay, as {@link nodeOfSlot} says. */
function slotsOf(nodes: readonly ForwardNode[], isSticky: boolean): string[] {
  return Array.from({ length: SLOTS }, (_, slot) => {
    const node = isSticky ? nodeOfSlot(nodes, slot) : nodes[slot % nodes.length];
    return node?.address ?? '';
  });
}
