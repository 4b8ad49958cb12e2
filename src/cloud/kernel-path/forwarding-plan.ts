import { isDeepStrictEqual } from 'node:util';
import { formatAddress, type Family } from '../../ip/index.ts';
import {
  type Element,
  type FieldValue,
  type Operation,
  type Ruleset,
  type SetDefinition,
} from '../../nft/index.ts';
import { forwardingSets, forwardingTable } from './forwarding-table.ts';
import { frontendKey, type Frontend } from './frontend.ts';
import { NodeGroups, type ForwardNode, type NodeGroup } from './node-groups.ts';

/** How the kernel forwards what is new at a frontend. */
export interface Forward {
  readonly nodePort: number;
  /** One client goes to one node. */
  readonly isSticky: boolean;
  /** At least one, by name. */
  readonly nodes: readonly ForwardNode[];
}

interface Member {
  readonly set: SetDefinition;
  readonly element: Element;
}

interface Planned {
  readonly forward: Forward;
  readonly members: readonly Member[];
}

/** What the kernel's table should hold: plain state, no I/O. A frontend is two elements, however many nodes there are. */
export class ForwardingPlan {
  private readonly planned = new Map<string, Planned>();
  private readonly groups = { 4: new NodeGroups(), 6: new NodeGroups() } as const;

  /** Forwards a frontend so from now on, or no more; the operations that bring the kernel there. */
  change(frontend: Frontend, forward: Forward | undefined): Operation[] {
    const key = frontendKey(frontend);
    const { family } = frontend.address;
    const before = this.planned.get(key);
    if (isDeepStrictEqual(before?.forward, forward)) return [];
    const operations: Operation[] = [];
    if (forward === undefined) this.planned.delete(key);
    const taken = forward && this.groups[family].take(forward.nodes, forward.isSticky);
    if (taken?.isNew === true)
      operations.push(...groupOperations('add element', family, taken.group));
    operations.push(...operationsOf('delete element', before?.members ?? []));
    if (forward !== undefined && taken !== undefined) {
      const members = membersOf(frontend, forward, taken.group);
      this.planned.set(key, { forward, members });
      operations.push(...operationsOf('add element', members));
    }
    const freed = before && this.groups[family].give(before.forward.nodes, before.forward.isSticky);
    if (freed !== undefined) operations.push(...groupOperations('delete element', family, freed));
    return operations;
  }

  /** Everything, in both families. */
  full(): Ruleset {
    const members = [
      ...([4, 6] as const).flatMap((family) =>
        this.groups[family].list().flatMap((group) => groupMembers(family, group)),
      ),
      ...[...this.planned.values()].flatMap((planned) => planned.members),
    ];
    const bySet = Map.groupBy(members, ({ set }) => set);
    return ([4, 6] as const).map((family) =>
      forwardingTable(family, (set) => (bySet.get(set) ?? []).map(({ element }) => element)),
    );
  }
}

function membersOf(
  { address, protocol, port }: Frontend,
  { nodePort, isSticky }: Forward,
  { number }: NodeGroup,
): Member[] {
  const { frontends, stickyFrontends, nodePorts } = forwardingSets(address.family);
  const key: FieldValue[] = [formatAddress(address), protocol.toLowerCase(), port];
  return [
    { set: isSticky ? stickyFrontends : frontends, element: { key, data: [number] } },
    { set: nodePorts, element: { key, data: [nodePort] } },
  ];
}

function groupMembers(family: Family, { number, slots }: NodeGroup): Member[] {
  const set = forwardingSets(family).nodes;
  return slots.map((address, slot) => ({ set, element: { key: [number, slot], data: [address] } }));
}

function groupOperations(
  kind: 'add element' | 'delete element',
  family: Family,
  group: NodeGroup,
): Operation[] {
  return operationsOf(kind, groupMembers(family, group));
}

function operationsOf(
  kind: 'add element' | 'delete element',
  members: readonly Member[],
): Operation[] {
  return [...Map.groupBy(members, ({ set }) => set)].map(([set, own]) => ({
    kind,
    set,
    elements: own.map(({ element }) => element),
  }));
}
