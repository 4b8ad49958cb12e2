import { formatAddress, parseAddress, type Family } from '../../ip/index.ts';
import type { BackendNode } from '../backend-nodes.ts';
import type { DesiredBalancer } from '../desired-balancer.ts';
import type { HealthStatus } from '../node-health.ts';
import type { DrainSettings } from '../settings.ts';
import type { Forward } from './forwarding-plan.ts';
import type { Frontend } from './frontend.ts';
import type { ForwardNode } from './node-groups.ts';

/** A node of a load balancer, and what its check says. */
export interface CheckedNode extends BackendNode {
  readonly status: HealthStatus;
}

/** A port of some nodes. */
export interface NodePortAt {
  /** 0 when the balancer has none. */
  readonly nodePort: number;
  readonly addresses: ReadonlySet<string>;
}

/** What the kernel does for one frontend. */
export interface Carriage {
  /** Absent, new connections are the door's. */
  readonly forward?: Forward;
  /** Where datagrams may stay: with nodes not known to be sick, or with any when all are. */
  readonly home: NodePortAt;
  /** The addresses of all the balancer's nodes: connections through others drain. */
  readonly members: ReadonlySet<string>;
  readonly draining: DrainSettings;
}

/**
 * What of a frontend the kernel carries: everything that asks nothing of the connection but a healthy node. With no node
 * known to be healthy it is the door's, which tries one after the other.
 */
export function carriageOf(
  desired: DesiredBalancer,
  frontend: Frontend,
  nodes: readonly CheckedNode[],
): Carriage {
  const { family } = frontend.address;
  const { health, hasAffinity, settings } = desired;
  const usable = health === undefined ? nodes : nodes.filter(({ status }) => status === 'healthy');
  const reachable = forwardNodes(usable, family);
  const port = desired.ports.find(
    ({ protocol, port: number }) => protocol === frontend.protocol && number === frontend.port,
  );
  const { nodePort = 0 } = port ?? {};
  const all = forwardNodes(nodes, family);
  const well = forwardNodes(
    nodes.filter(({ status }) => status !== 'unhealthy'),
    family,
  );
  const isCarried = nodePort !== 0 && isPlain(desired) && reachable.length > 0;
  return {
    ...(isCarried ? { forward: { nodePort, isSticky: hasAffinity, nodes: reachable } } : {}),
    home: { nodePort, addresses: addressesOf(well.length > 0 ? well : all) },
    members: addressesOf(all),
    draining: settings.draining,
  };
}

/** Whether connections may be where they should no longer be, now that what the kernel does has changed. */
export function losesNodes(before: Carriage, after: Carriage): boolean {
  return (
    !before.members.isSubsetOf(after.members) ||
    !isWithin(before.home, after.home) ||
    !isWithin(targetOf(before), targetOf(after))
  );
}

/** Where connections are forwarded to. */
function targetOf({ forward }: Carriage): NodePortAt {
  return { nodePort: forward?.nodePort ?? 0, addresses: addressesOf(forward?.nodes ?? []) };
}

function isWithin(one: NodePortAt, other: NodePortAt): boolean {
  if (one.addresses.size === 0) return true;
  return one.nodePort === other.nodePort && one.addresses.isSubsetOf(other.addresses);
}

function addressesOf(nodes: readonly ForwardNode[]): Set<string> {
  return new Set(nodes.map(({ address }) => address));
}

/**
 * Whether the kernel can do all that is asked for. A door alone writes headers, ends what is silent, resets what is cut or
 * not admitted, and passes over a node that refuses: which it does where the check cannot know, as it asks something
 * other than the node ports, or follows what the node knows too late (external policy Local).
 */
function isPlain({ settings, keepsSource, sourceRanges, health, ports }: DesiredBalancer): boolean {
  const asksNodePort =
    health === undefined ||
    ports.some(({ protocol, nodePort }) => protocol === 'TCP' && nodePort === health.port);
  return (
    asksNodePort &&
    !keepsSource &&
    sourceRanges === undefined &&
    !settings.proxyProtocol &&
    settings.idleTimeoutMs === 0 &&
    settings.draining.enabled
  );
}

function forwardNodes(nodes: readonly CheckedNode[], family: Family): ForwardNode[] {
  return nodes.flatMap(({ name, addresses }) => {
    const address = parseAddress(addresses[family] ?? '');
    return address === undefined ? [] : [{ name, address: formatAddress(address) }];
  });
}
