import { isDeepStrictEqual } from 'node:util';
import { formatAddress } from '../ip/index.ts';
import { nodeKind, serviceCidrKind } from '../kube/index.ts';
import { cidrTexts, defaultBlocks, ServiceProxy, ZONE } from '../node/index.ts';
import type { PlanSettings } from '../plan/index.ts';
import type { ClusterView } from '../snapshot/index.ts';
import type { DataPlaneOptions } from './data-plane.ts';

/** What every node's rules know besides the Services, at this moment. */
function settingsOf({
  network,
  record,
  control,
}: DataPlaneOptions): Omit<PlanSettings, 'nodeName'> {
  const stored = control.informers.of(serviceCidrKind).list();
  const serviceCIDRs = stored.flatMap(({ spec }) => spec.cidrs ?? []);
  return {
    podCIDRs: cidrTexts(defaultBlocks.pods),
    serviceCIDRs: serviceCIDRs.length === 0 ? cidrTexts(defaultBlocks.services) : serviceCIDRs,
    nodeIPs: network.nodes.flatMap(({ addresses }) => addresses.nodeIPs.map(formatAddress)),
    balancing: record.balancing ?? 'random',
  };
}

/** Programs the Services on every node, and follows ServiceCIDRs and the zones of nodes. Returns the proxies by node. */
export async function startProxies(
  options: DataPlaneOptions,
  view: ClusterView,
): Promise<ReadonlyMap<string, ServiceProxy>> {
  const { kernel, clock, network, control, closers, log } = options;
  const proxies = new Map<string, ServiceProxy>();
  let settings = settingsOf(options);
  for (const { name, addresses, netns } of network.nodes) {
    const vantage = { nodeName: name, nodeIPs: addresses.nodeIPs.map(formatAddress) };
    const own = { ...settings, nodeName: name };
    const proxy = new ServiceProxy({ kernel, clock, netns, vantage, settings: own, view, log });
    closers.add(() => proxy.close());
    proxies.set(name, proxy);
  }
  await Promise.all([...proxies.values()].map((proxy) => proxy.start()));
  control.informers.of(serviceCidrKind).onChange(() => {
    const next = settingsOf(options);
    if (isDeepStrictEqual(next, settings)) return;
    settings = next;
    for (const [nodeName, proxy] of proxies) proxy.configure({ ...settings, nodeName });
  });
  control.informers.of(nodeKind).onChange(({ previous, next }) => {
    const hasMoved = previous?.metadata.labels?.[ZONE] !== next?.metadata.labels?.[ZONE];
    if (next !== undefined && hasMoved) proxies.get(next.metadata.name)?.rejudge();
  });
  return proxies;
}
