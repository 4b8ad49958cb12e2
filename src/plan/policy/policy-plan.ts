import type { Operation, Ruleset, TableContents } from '../../nft/index.ts';
import type { Entry, TableChanges } from '../../policy/index.ts';
import { Ledger } from '../ledger.ts';
import { isSameMember, memberId, type Member } from '../member.ts';
import { orderOperations } from '../order-operations.ts';
import { policyChains } from './chains/policy-chains.ts';
import { allSets, CANARY_COUNTER, DIRECTIONS, dropCounter } from './layout.ts';
import { FAMILIES, membersOf, settingsMembers } from './members.ts';
import { POLICY_TABLE, type PolicySettings } from './settings.ts';

/**
 * The nf_tables that make every node enforce the compiled policies: they are the same on all nodes of a cluster. A
 * change costs in proportion to the entries that changed. Pure state; `PolicyProgrammer` brings it to kernels.
 */
export class PolicyPlan {
  private readonly members = new Ledger<Member>(isSameMember);

  /** @throws Fault `INVALID_CIDR`. */
  constructor(settings: PolicySettings) {
    for (const member of settingsMembers(settings)) this.acquire(member);
    this.members.settle();
  }

  /** The operations that bring kernels that have everything before these changes to after them. */
  apply({ removed, added }: TableChanges): Operation[] {
    for (const entry of removed) {
      for (const member of membersOf(entry)) this.members.release(memberId(member));
    }
    for (const entry of added) this.add(entry);
    return orderOperations({ chains: [], members: this.members.drain() });
  }

  /** Everything that should be in a kernel: both tables, for a cold start and for resyncs. */
  full(): Ruleset {
    const members = Map.groupBy(this.members.values(), ({ set }) => set);
    return FAMILIES.map((family): TableContents => ({
      table: { family, name: POLICY_TABLE },
      counters: [...DIRECTIONS.map(dropCounter), CANARY_COUNTER].map((name) => ({
        family,
        table: POLICY_TABLE,
        name,
      })),
      sets: allSets(family).map((definition) => ({
        definition,
        elements: (members.get(definition) ?? []).map(({ element }) => element),
      })),
      chains: policyChains(family),
    }));
  }

  private add(entry: Entry): void {
    for (const member of membersOf(entry)) this.acquire(member);
  }

  private acquire(member: Member): void {
    this.members.acquire(memberId(member), member);
  }
}
