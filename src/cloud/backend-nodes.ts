import { parseAddress, type Family } from '../ip/index.ts';
import type { Node } from '../kube/index.ts';

/** A node that may get traffic. */
export interface BackendNode {
  readonly name: string;
  /** Its InternalIP in each family it has. */
  readonly addresses: Readonly<Partial<Record<Family, string>>>;
}

/** Keeps a node out of every load balancer (KEP-1143). */
const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** What the cluster autoscaler puts on a node that it is about to delete. */
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler';

/**
 * The nodes of every load balancer, by name. Whether they are Ready is not asked: the health check knows better, and
 * a node that is only cordoned still serves (KEP-3458).
 */
export function backendNodes(nodes: readonly Node[]): BackendNode[] {
  return nodes
    .filter(isEligible)
    .map((node) => ({ name: node.metadata.name, addresses: addressesOf(node) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function isEligible({ metadata, spec }: Node): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    metadata.labels?.[EXCLUDE_LABEL] === undefined &&
    !(spec?.taints ?? []).some(({ key }) => key === TO_BE_DELETED)
  );
}

function addressesOf({ status }: Node): Partial<Record<Family, string>> {
  const found: Partial<Record<Family, string>> = {};
  for (const { type, address } of status?.addresses ?? []) {
    const family = type === 'InternalIP' ? parseAddress(address)?.family : undefined;
    if (family !== undefined) found[family] ??= address;
  }
  return found;
}
