/** Names by IANA protocol number; the first three as Kubernetes writes them. */
const names: Readonly<Record<number, string>> = {
  6: 'TCP',
  17: 'UDP',
  132: 'SCTP',
  1: 'ICMP',
  58: 'ICMPv6',
};

/** A protocol's name, or its number where people know no name. */
export function protocolText(protocol: number): string {
  return names[protocol] ?? String(protocol);
}
