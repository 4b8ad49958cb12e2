import {
  needsClusterIP,
  needsHealthCheckNodePort,
  needsNodePort,
  type ServiceSpec,
} from '../../kube/index.ts';

/**
 * Gives a Service that is replaced the allocated values that its author left out, and keeps the linked fields
 * clusterIP and clusterIPs alike: who sends back an old manifest keeps the addresses. In place on `next`.
 */
export function carryOver(next: ServiceSpec, previous: ServiceSpec): void {
  if (needsClusterIP(previous) && needsClusterIP(next)) carryClusterIPs(next, previous);
  if (needsNodePort(previous) && needsNodePort(next)) carryNodePorts(next, previous);
  if (needsHealthCheckNodePort(previous) && needsHealthCheckNodePort(next)) {
    next.healthCheckNodePort ||= previous.healthCheckNodePort;
  }
  syncClusterIPs(next, previous);
}

/** An old client sends only the singular field: the plural one follows. */
export function initClusterIPs(next: ServiceSpec): void {
  const { clusterIP = '', clusterIPs = [] } = next;
  if (clusterIP !== '' && clusterIPs.length === 0) next.clusterIPs = [clusterIP];
}

function carryClusterIPs(next: ServiceSpec, previous: ServiceSpec): void {
  next.clusterIP ||= previous.clusterIP;
  if ((next.clusterIPs ?? []).length === 0 && next.clusterIP === previous.clusterIP) {
    next.clusterIPs = previous.clusterIPs;
  }
}

function usedNodePorts({ ports = [] }: ServiceSpec): Set<number> {
  return new Set(ports.map(({ nodePort = 0 }) => nodePort).filter((port) => port !== 0));
}

/** Ports are the same when their names are: number and target may change without changing the node port. */
function carryNodePorts(next: ServiceSpec, previous: ServiceSpec): void {
  const used = usedNodePorts(next);
  const known = new Map(
    (previous.ports ?? []).map(({ name = '', nodePort = 0 }) => [name, nodePort]),
  );
  for (const port of next.ports ?? []) {
    const old = known.get(port.name ?? '') ?? 0;
    if ((port.nodePort ?? 0) !== 0 || old === 0 || used.has(old)) continue;
    port.nodePort = old;
    used.add(old);
  }
}

function isSameClusterIPs(next: ServiceSpec, previous: ServiceSpec): boolean {
  return (next.clusterIPs ?? []).join() === (previous.clusterIPs ?? []).join();
}

/** Whoever changed one of the two fields and left the other meant both. */
function syncClusterIPs(next: ServiceSpec, previous: ServiceSpec): void {
  const { clusterIP: now = '' } = next;
  if (now === (previous.clusterIP ?? '') || !isSameClusterIPs(next, previous)) return;
  if (now === '') delete next.clusterIPs;
  else next.clusterIPs = [now];
}
