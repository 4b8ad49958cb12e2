import type { Protocol } from '../kube/index.ts';
import type { ProtocolNumber } from './contract.ts';

/** IANA protocol numbers of what policies can name. */
export const protocolNumbers: Readonly<Record<Protocol, ProtocolNumber>> = {
  TCP: 6,
  UDP: 17,
  SCTP: 132,
};

const names = new Map<ProtocolNumber, string>([
  ...Object.entries(protocolNumbers).map(([name, number]) => [number, name] as const),
  [1, 'ICMP'],
  [58, 'ICMPv6'],
]);

/** `TCP 80`, `ICMP`: a protocol with its port, where it has ports. */
export function formatPort(protocol: ProtocolNumber, port: number): string {
  const name = names.get(protocol) ?? `protocol ${protocol}`;
  return hasPorts(protocol) ? `${name} ${port}` : name;
}

/** Whether policies can tell the protocol's ports apart. */
export function hasPorts(protocol: ProtocolNumber): boolean {
  return Object.values(protocolNumbers).includes(protocol);
}
