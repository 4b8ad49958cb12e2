import { isIPv6 } from 'node:net';
import type { SocketAddress } from '../kernel/index.ts';

/** PROXY protocol, version 1: `PROXY TCP4 SOURCE DESTINATION SOURCE-PORT DESTINATION-PORT`. */
export function proxyHeader(source: SocketAddress, destination: SocketAddress): string {
  const family = isIPv6(destination.address) ? 'TCP6' : 'TCP4';
  const { address: from, port: fromPort } = source;
  const { address: to, port: toPort } = destination;
  return `PROXY ${family} ${from} ${to} ${fromPort} ${toPort}\r\n`;
}
