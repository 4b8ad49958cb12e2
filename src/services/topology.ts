import type { Endpoint, ForwardReason, RefusalReason, Vantage } from './contract.ts';

/** The endpoints that a traffic policy leaves, and why; without endpoints, why none. */
export type Choice =
  | { readonly endpoints: readonly Endpoint[]; readonly reason: ForwardReason }
  | { readonly endpoints: readonly []; readonly reason: RefusalReason };

function isReady({ ready }: Endpoint): boolean {
  return ready;
}

/** Still answers while it goes: the fallback when nothing is ready (KEP-1669; row 25). */
function isDraining({ ready, serving, terminating }: Endpoint): boolean {
  return !ready && serving && terminating;
}

/** Policy Cluster: every ready endpoint that the hints leave, else those that are draining. */
export function chooseCluster(all: readonly Endpoint[], vantage: Vantage): Choice {
  const ready = all.filter(isReady);
  if (ready.length > 0) return hinted(ready, vantage);
  const draining = all.filter(isDraining);
  if (draining.length > 0) return { endpoints: draining, reason: 'TERMINATING_ENDPOINTS' };
  return { endpoints: [], reason: 'NO_ENDPOINTS' };
}

/**
 * Policy Local: the same among the endpoints of this node, without hints (rows 20 and 21 win over 27). Endpoints that
 * are only elsewhere are told apart from no endpoints at all: the first drops, the second rejects (rows 3 and 4).
 */
export function chooseLocal(all: readonly Endpoint[], vantage: Vantage): Choice {
  const local = all.filter(({ nodeName }) => nodeName !== '' && nodeName === vantage.nodeName);
  const ready = local.filter(isReady);
  if (ready.length > 0) return { endpoints: ready, reason: 'READY_LOCAL_ENDPOINTS' };
  const draining = local.filter(isDraining);
  if (draining.length > 0) return { endpoints: draining, reason: 'TERMINATING_LOCAL_ENDPOINTS' };
  const isAnywhere = all.some((endpoint) => isReady(endpoint) || isDraining(endpoint));
  return { endpoints: [], reason: isAnywhere ? 'NO_LOCAL_ENDPOINTS' : 'NO_ENDPOINTS' };
}

/**
 * Applies the hints of trafficDistribution (row 27): node hints when every ready endpoint has one and at least one is
 * for this node, else zone hints likewise, else none.
 */
function hinted(ready: readonly Endpoint[], { nodeName, zone }: Vantage): Choice {
  const forNode = matching(ready, ({ forNodes }) => forNodes, nodeName);
  if (forNode.length > 0) return { endpoints: forNode, reason: 'HINTED_NODE_ENDPOINTS' };
  const forZone = matching(ready, ({ forZones }) => forZones, zone);
  if (forZone.length > 0) return { endpoints: forZone, reason: 'HINTED_ZONE_ENDPOINTS' };
  return { endpoints: ready, reason: 'READY_ENDPOINTS' };
}

function matching(
  ready: readonly Endpoint[],
  hintsOf: (endpoint: Endpoint) => readonly string[],
  here: string,
): Endpoint[] {
  const isComplete = here !== '' && ready.every((endpoint) => hintsOf(endpoint).length > 0);
  return isComplete ? ready.filter((endpoint) => hintsOf(endpoint).includes(here)) : [];
}
