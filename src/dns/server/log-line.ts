import { questionText, rcodeName, rcodes, type Message } from '../../dnswire/index.ts';
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
export function isLogged({ zones, classes }: LogSettings, { response }: Served): boolean {
  const name = response.questions[0]?.name.toLowerCase() ?? '.';
  const isInZone = zones.some((zone) => zone === '.' || name === zone || name.endsWith(`.${zone}`));
  return isInZone && (classes.includes('all') || classes.includes(classOf(response)));
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

/** The line in CoreDNS's common log format. */
export function logLine(served: Served): string {
  const { query, response, peer, requestBytes, responseBytes, seconds } = served;
  const [question] = query.questions;
  const asked = question === undefined ? '- - .' : questionText(question);
  const flags = flagNames.filter(([, field]) => response[field]).map(([name]) => name);
  const host = peer.address.includes(':') ? `[${peer.address}]` : peer.address;
  const { edns } = query;
  const said = `${peer.protocol} ${requestBytes} ${edns?.isDnssecOk ?? false} ${edns?.udpSize ?? 512}`;
  return (
    `[INFO] ${host}:${peer.port} - ${query.id} "${asked} ${said}" ` +
    `${rcodeName(response.rcode)} ${flags.join(',')} ${responseBytes} ${seconds.toFixed(9)}s`
  );
}
