import type { ClusterPolicyProtocol } from '../../kube/index.ts';
import { portMiss, namedPortMiss, type PortMiss, type PortQuestion } from './port.ts';

const fields = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' } as const;
const keys = ['tcp', 'udp', 'sctp'] as const;

/** One entry of `protocols` as a NetworkPolicy would write it; without protocol where a name decides. */
export type PlainPort =
  | { readonly name: string }
  | {
      readonly protocol: 'TCP' | 'UDP' | 'SCTP';
      readonly port?: number;
      readonly endPort?: number;
    };

/** `undefined` when no field is known: the rule fails closed. */
export function plainPort(entry: ClusterPolicyProtocol): PlainPort | undefined {
  if (entry.destinationNamedPort !== undefined) return { name: entry.destinationNamedPort };
  const key = keys.find((field) => entry[field] !== undefined);
  if (key === undefined) return undefined;
  const wanted = entry[key]?.destinationPort;
  const protocol = fields[key];
  if (wanted === undefined) return { protocol };
  const port = wanted.number ?? wanted.range?.start;
  const endPort = wanted.number ?? wanted.range?.end;
  return port === undefined || endPort === undefined ? undefined : { protocol, port, endPort };
}

/** Why an entry of `protocols` does not match; `undefined` when it does. */
export function clusterPortMiss(
  entry: ClusterPolicyProtocol,
  question: PortQuestion,
  at: string,
): PortMiss | undefined {
  const plain = plainPort(entry);
  if (plain === undefined) return { missed: 'PROTOCOL', detail: `${at} names no known protocol` };
  return 'name' in plain ? namedPortMiss(plain, question, at) : portMiss(plain, question, at);
}
