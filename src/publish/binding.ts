import type { SocketAddress } from '../kernel/index.ts';

/** One address and port of the host's loopback that leads into the cluster's fabric. */
export interface Binding {
  /** In 127.0.0.0/8, or `::1`. */
  readonly listen: SocketAddress;
  /** As the fabric namespace reaches it, e.g. a node's address and a NodePort. */
  readonly target: SocketAddress;
  readonly protocol: 'TCP' | 'UDP';
}

/** What tells bindings apart: only one can listen there. */
export type ListenPoint = Pick<Binding, 'listen' | 'protocol'>;

/** `tcp 127.18.0.2:32000` */
export function listenKey({ listen, protocol }: ListenPoint): string {
  return `${protocol.toLowerCase()} ${formatAddress(listen)}`;
}

/** `127.18.0.2:32000`, `[::1]:80` */
export function formatAddress({ address, port }: SocketAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function isSameTarget(one: Binding, other: Binding): boolean {
  return formatAddress(one.target) === formatAddress(other.target);
}
