import { keyOf, type NetworkPolicyPort, type Pod } from '../../kube/index.ts';
import type { NearMiss } from '../contract.ts';
import { namedPorts } from '../policy-pods.ts';
import { formatPort, protocolNumbers } from '../protocols.ts';

/** Protocol and port of the connection, and the pod whose names its port has: always the destination (rows 12, 13). */
export interface PortQuestion {
  readonly protocol: number;
  readonly port: number;
  readonly destination: Pod | undefined;
}

/** Why an entry of `ports` is not this port. */
export interface PortMiss {
  readonly missed: Exclude<NearMiss['missed'], 'NO_RULES' | 'PEER'>;
  readonly detail: string;
}

/** Why an entry of `ports` does not match; `undefined` when it does. */
export function portMiss(
  entry: NetworkPolicyPort,
  question: PortQuestion,
  at: string,
): PortMiss | undefined {
  const { protocol = 'TCP', port, endPort } = entry;
  const asked = formatPort(question.protocol, question.port);
  if (protocolNumbers[protocol] !== question.protocol) {
    return { missed: 'PROTOCOL', detail: `${at} is ${protocol}, the connection is ${asked}` };
  }
  if (port === undefined) return undefined;
  if (typeof port === 'string') return namedPortMiss({ name: port, protocol }, question, at);
  const last = endPort ?? port;
  if (question.port >= port && question.port <= last) return undefined;
  const range = last === port ? `${port}` : `${port} to ${last}`;
  return { missed: 'PORT', detail: `${at} is ${protocol} ${range}, the connection is ${asked}` };
}

/** A port name, of one protocol or of whichever the pod gives it. */
export interface PortName {
  readonly name: string;
  readonly protocol?: string;
}

/** Why a named port is not this port; `undefined` when it is. Name and protocol have to match (row 14). */
export function namedPortMiss(
  wanted: PortName,
  { protocol, port, destination }: PortQuestion,
  at: string,
): PortMiss | undefined {
  const title = [wanted.protocol, wanted.name].filter((part) => part !== undefined).join(' ');
  if (destination === undefined) {
    return { missed: 'NAMED_PORT', detail: `${at} names ${title}, only pods have named ports` };
  }
  const found = namedPorts(destination).filter(
    (each) =>
      each.name === wanted.name &&
      (wanted.protocol === undefined || each.protocol === wanted.protocol),
  );
  const who = `pod ${keyOf(destination)}`;
  if (found.length === 0) {
    return { missed: 'NAMED_PORT', detail: `${at} names ${title}, ${who} has no such port` };
  }
  if (found.some((each) => protocolNumbers[each.protocol] === protocol && each.port === port)) {
    return undefined;
  }
  const numbers = found.map((each) => formatPort(protocolNumbers[each.protocol], each.port));
  const detail = `${at} names ${title}, which is ${numbers.join(', ')} of ${who}, the connection is ${formatPort(protocol, port)}`;
  return { missed: 'PORT', detail };
}
