import type { ChainContents, Operation, Ruleset, TableContents } from '../nft/index.ts';
import type { Capture, Endpoint } from '../services/index.ts';
import { baseChains } from './base-table.ts';
import { shapeChain } from './chains/shape-chain.ts';
import { settingsMembers } from './cidr-members.ts';
import { footprintOf, type Footprint, type PlanContext } from './footprint.ts';
import { FrontendClaims } from './frontend-claims.ts';
import { setsOf, type PlanFamily } from './layout.ts';
import { Ledger } from './ledger.ts';
import { isSameMember, memberId, type Member } from './member.ts';
import { Numbers } from './numbers.ts';
import { orderOperations } from './order-operations.ts';
import { TABLE, type Balancing, type PlanSettings } from './settings.ts';
import { shapeName, withParts, type Shape } from './shape.ts';

const FAMILIES: readonly PlanFamily[] = ['ip', 'ip6'];

/** What a shape's chain is made of. */
interface ChainRef {
  readonly family: PlanFamily;
  readonly shape: Shape;
  readonly balancing: Balancing;
}

/**
 * The nf_tables that one node should have, kept up to date: a change of one Service costs in proportion to that
 * Service's ports and endpoints, however many others there are. Pure state; `NodeProgrammer` brings it to the kernel.
 */
export class ServicePlan {
  private readonly claims = new FrontendClaims();
  private readonly footprints = new Map<string, Footprint>();
  private readonly members = new Ledger<Member>(isSameMember);
  private readonly chains = new Ledger<ChainRef>((a, b) => a.balancing === b.balancing);
  private readonly numbers = new Numbers();
  private readonly context: PlanContext = {
    isLocalPod: (endpoint) => this.isLocalPod(endpoint),
    takeNumber: (thing) => this.numbers.take(thing),
  };
  private settings: PlanSettings;
  private nodeIPs: ReadonlySet<string>;

  /** @throws Fault `INVALID_CIDR`. */
  constructor(settings: PlanSettings) {
    this.settings = settings;
    this.nodeIPs = new Set(settings.nodeIPs);
    for (const member of settingsMembers(settings)) this.members.acquire(memberId(member), member);
    this.members.settle();
  }

  /**
   * Replaces what a Service captures (nothing, for a Service that is gone) without saying yet what to do about it;
   * {@link drain} does, for all Services staged before it.
   */
  stage(service: string, captures: readonly Capture[]): void {
    for (const frontend of this.claims.replace(service, captures)) this.refresh(frontend);
  }

  /** The operations that bring a kernel from the last drain to now, in one transaction. */
  drain(): Operation[] {
    return orderOperations({
      chains: this.chains.drain().map(({ previous, next }) => ({
        previous: previous && contentsOf(previous),
        next: next && contentsOf(next),
      })),
      members: this.members.drain(),
    });
  }

  /** Takes all that is staged as done: for whoever writes everything anew. */
  settle(): void {
    this.chains.settle();
    this.members.settle();
  }

  /** {@link stage} and {@link drain} of one Service. */
  apply(service: string, captures: readonly Capture[]): Operation[] {
    this.stage(service, captures);
    return this.drain();
  }

  /** Stages other settings, as when a node joins. @throws Fault `INVALID_CIDR`; then nothing changed. */
  configure(settings: PlanSettings): void {
    const next = settingsMembers(settings);
    for (const member of settingsMembers(this.settings)) this.members.release(memberId(member));
    for (const member of next) this.members.acquire(memberId(member), member);
    this.settings = settings;
    this.nodeIPs = new Set(settings.nodeIPs);
    // Whether an endpoint is the node's own decides on its hairpin entry; balancing is in the chains.
    for (const frontend of this.footprints.keys()) this.refresh(frontend);
  }

  /** The keys of the Services that capture anything. */
  services(): string[] {
    return this.claims.services();
  }

  /** Everything that should be in the kernel: both tables, for a cold start and for resyncs. */
  full(): Ruleset {
    const members = Map.groupBy(this.members.values(), ({ set }) => set);
    const chains = Map.groupBy(this.chains.values(), ({ family }) => family);
    return FAMILIES.map((family): TableContents => ({
      table: { family, name: TABLE },
      counters: [],
      sets: Object.values<Member['set']>({ ...setsOf(family) }).map((definition) => ({
        definition,
        elements: (members.get(definition) ?? []).map(({ element }) => element),
      })),
      chains: [...baseChains(family), ...(chains.get(family) ?? []).map(contentsOf)],
    }));
  }

  /** Exchanges the footprint of a frontend for that of its present holder. */
  private refresh(frontend: string): void {
    const previous = this.footprints.get(frontend);
    const holder = this.claims.holder(frontend);
    const next = holder && footprintOf(holder, this.context);
    if (previous !== undefined) this.release(previous);
    if (next === undefined) {
      this.footprints.delete(frontend);
      return;
    }
    this.acquire(next);
    this.footprints.set(frontend, next);
  }

  private acquire({ family, members, shape }: Footprint): void {
    for (const member of members) this.members.acquire(memberId(member), member);
    if (shape === undefined) return;
    const { balancing = 'random' } = this.settings;
    for (const part of withParts(shape)) {
      this.chains.acquire(chainId(family, part), { family, shape: part, balancing });
    }
  }

  private release({ family, members, shape, numbered }: Footprint): void {
    for (const member of members) this.members.release(memberId(member));
    for (const thing of numbered) this.numbers.give(thing);
    if (shape === undefined) return;
    for (const part of withParts(shape)) this.chains.release(chainId(family, part));
  }

  /** The node's own connections to itself never leave it: only pods can be hairpins. */
  private isLocalPod({ nodeName, ip }: Endpoint): boolean {
    return nodeName === this.settings.nodeName && !this.nodeIPs.has(ip);
  }
}

function chainId(family: PlanFamily, shape: Shape): string {
  return `${family} ${shapeName(shape)}`;
}

function contentsOf({ family, shape, balancing }: ChainRef): ChainContents {
  return shapeChain(family, shape, balancing);
}
