import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../client/index.ts';
import { keyOf, type IpFamily, type Service, type ServicePort } from '../kube/index.ts';
import type { Binding } from './binding.ts';

/** A node as the host sees it. */
export interface PublishedNode {
  /** The node's addresses in the fabric. */
  readonly internalIPs: Readonly<Partial<Record<IpFamily, string>>>;
  /** Where it answers on the host, e.g. `127.18.0.2`. */
  readonly loopback: string;
}

/** A Service of another proxy has no NodePort on our nodes (services.md, row 18). */
const PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';

/**
 * What should listen: every NodePort on every node, at the node's own loopback address. SCTP is left out: the host side has
 * no socket for it. A Service that changes costs as much as it has NodePorts, however many others there are.
 */
export class NodePortBindings {
  private readonly nodes: readonly PublishedNode[];
  /** Only of Services that have some. */
  private readonly byService = new Map<string, readonly Binding[]>();

  constructor(nodes: readonly PublishedNode[]) {
    this.nodes = nodes;
  }

  /** Takes a Service as it is now; `next` is absent when it is gone. @returns whether anything else should listen */
  replace({ previous, next }: Change<Service>): boolean {
    const object = next ?? previous;
    if (object === undefined) return false;
    const key = keyOf(object);
    const before = this.byService.get(key);
    const bindings = next === undefined || !hasNodePorts(next) ? [] : this.bindingsOf(next);
    if (isDeepStrictEqual(before ?? [], bindings)) return false;
    if (bindings.length === 0) this.byService.delete(key);
    else this.byService.set(key, bindings);
    return true;
  }

  list(): Binding[] {
    return [...this.byService.values()].flat();
  }

  private bindingsOf(service: Service): Binding[] {
    return this.nodes.flatMap((node) => bindingsOf(node, service));
  }
}

function hasNodePorts({ metadata, spec }: Service): boolean {
  const hasType = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  return hasType && metadata.labels?.[PROXY_NAME_LABEL] === undefined;
}

function bindingsOf(node: PublishedNode, { spec }: Service): Binding[] {
  const address = addressFor(node, spec.ipFamilies ?? ['IPv4']);
  if (address === undefined) {
    return [];
  }
  return (spec.ports ?? []).flatMap((port) => bindingOf(node.loopback, address, port));
}

/** The node answers for a NodePort only in the Service's families. */
function addressFor(
  { internalIPs }: PublishedNode,
  families: readonly IpFamily[],
): string | undefined {
  const family = families.find((candidate) => internalIPs[candidate] !== undefined);
  return family === undefined ? undefined : internalIPs[family];
}

function bindingOf(loopback: string, address: string, servicePort: ServicePort): Binding[] {
  const { nodePort: port = 0, protocol = 'TCP' } = servicePort;
  if (port === 0 || protocol === 'SCTP') {
    return [];
  }
  return [{ listen: { address: loopback, port }, target: { address, port }, protocol }];
}
