import { rcodeName, rcodes, typeName, className, type Message } from '../../dnswire/index.ts';
import type { LogClass, LogSettings } from '../../names/index.ts';
import type { Peer } from './peer.ts';

/** What happened to one query. */
export interface Served {
  readonly query: Message;
  readonly response: Message;
  readonly peer: Peer;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly seconds: number;
}

function classOf({ rcode, answers }: Message): LogClass {
  if (rcode === rcodes.NXDOMAIN) return 'denial';
  if (rcode !== rcodes.NOERROR) return 'error';
  return answers.length === 0 ? 'denial' : 'success';
}

/** Whether the settings ask for a line. */
export function isLogged(
  { zones, classes, minDurationMs }: LogSettings,
  { response, seconds }: Served,
): boolean {
  const name = response.questions[0]?.name.toLowerCase() ?? '.';
  const isInZone = zones.some((zone) => zone === '.' || name === zone || name.endsWith(`.${zone}`));
  if (!isInZone) return false;
  if (minDurationMs !== undefined && seconds * 1000 >= minDurationMs) return true;
  return classes.includes('all') || classes.includes(classOf(response));
}

const flagNames = [
  ['qr', 'isResponse'],
  ['aa', 'isAuthoritative'],
  ['tc', 'isTruncated'],
  ['rd', 'isRecursionDesired'],
  ['ra', 'isRecursionAvailable'],
  ['ad', 'isAuthentic'],
  ['cd', 'isCheckingDisabled'],
] as const;

function flagsOf(message: Message): string {
  return flagNames
    .filter(([, field]) => message[field])
    .map(([name]) => name)
    .join(',');
}

function hostText(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** What each placeholder of a format stands for; CoreDNS writes `-` for what it does not know. */
const values: Readonly<Record<string, (served: Served) => string>> = {
  type: ({ query }) => typeName(query.questions[0]?.type ?? 0),
  name: ({ query }) => query.questions[0]?.name ?? '.',
  class: ({ query }) => className(query.questions[0]?.class ?? 0),
  proto: ({ peer }) => peer.protocol,
  remote: ({ peer }) => hostText(peer.address),
  port: ({ peer }) => String(peer.port),
  size: ({ requestBytes }) => String(requestBytes),
  rcode: ({ response }) => rcodeName(response.rcode),
  rsize: ({ responseBytes }) => String(responseBytes),
  duration: ({ seconds }) => `${seconds.toFixed(9)}s`,
  '>rflags': ({ response }) => flagsOf(response),
  '>bufsize': ({ query }) => String(query.edns?.udpSize ?? 512),
  '>do': ({ query }) => String(query.edns?.isDnssecOk ?? false),
  '>id': ({ query }) => String(query.id),
  '>opcode': ({ query }) => String(query.opcode),
};

/** The line in the format of the settings; CoreDNS's common log format where they say nothing. */
export function logLine({ format }: Pick<LogSettings, 'format'>, served: Served): string {
  const text = format.replaceAll(/\{([^}]*)\}/g, (_, name: string) =>
    Object.hasOwn(values, name) ? (values[name]?.(served) ?? '-') : '-',
  );
  return `[INFO] ${text}`;
}
