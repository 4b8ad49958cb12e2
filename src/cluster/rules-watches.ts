import { messageOf } from '../fault/index.ts';
import { DNS_TABLE, notrackRuleset } from '../dns/index.ts';
import type { KernelEvents } from '../kernel/index.ts';
import { Nftables } from '../nft/index.ts';
import { RulesWatch, type GuardedTables, type ServiceProxy } from '../node/index.ts';
import { TableProgrammer } from '../plan/index.ts';
import type { DataPlaneOptions } from './data-plane.ts';
import type { NodePlace } from './network.ts';
import type { PolicyEnforcement } from './policy-enforcers.ts';

/** Whose tables are watched. */
export interface WatchedRules {
  readonly events: KernelEvents;
  /** By node. */
  readonly proxies: ReadonlyMap<string, ServiceProxy>;
  readonly policies: PolicyEnforcement | undefined;
  readonly dnsIPs: readonly string[];
}

/** Repairs on every node what anybody else changes in the tables of Services, policies and DNS. */
export function watchRules(options: DataPlaneOptions, watched: WatchedRules): void {
  const { clock, network, closers, log } = options;
  const { events, proxies, policies } = watched;
  for (const node of network.nodes) {
    const tables = [
      // First: without them everything is open.
      policies?.enforcer.tables(node.name),
      proxies.get(node.name)?.tables,
      namesTables(options, node, watched.dnsIPs),
    ].filter((found) => found !== undefined);
    const watch = new RulesWatch({ events, clock, node, tables, log });
    closers.add(() => watch.close());
  }
}

/** The DNS servers write their tables once, when they start; to guard them takes a socket of its own. */
function namesTables(
  { kernel, closers, log }: DataPlaneOptions,
  { name, netns }: NodePlace,
  dnsIPs: readonly string[],
): GuardedTables {
  const nftables = new Nftables(kernel.openNetfilterSocket(netns));
  closers.add(() => nftables.close());
  const programmer = new TableProgrammer({
    nftables,
    desired: () => notrackRuleset(dnsIPs),
    onRebuild: ({ cause }) =>
      log(`the DNS rules of ${name} were written anew: ${messageOf(cause)}`),
  });
  return {
    table: DNS_TABLE,
    portId: nftables.portId,
    repair: () => programmer.resync().length,
    isUntouched: () => programmer.isUntouched,
  };
}
