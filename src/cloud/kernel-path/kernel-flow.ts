import { formatAddress } from '../../ip/index.ts';
import {
  IPS_DST_NAT,
  IPS_SEEN_REPLY,
  type ConntrackEntry,
  type TcpState,
} from '../../netlink/index.ts';
import type { Carriage } from './carriage.ts';
import { frontendKey } from './frontend.ts';

const IPPROTO_UDP = 17;

/** A connection in these states has ended, or was never answered. */
const NOT_OPEN: ReadonlySet<TcpState> = new Set([
  'NONE',
  'SYN_SENT',
  'SYN_SENT2',
  'TIME_WAIT',
  'CLOSE',
]);

/**
 * What becomes of a connection: `cut` ones are judged anew with their next packet; those that drain go on for a while;
 * what is not the kernel's stays, too.
 */
export type Fate = 'stays' | 'cut' | 'drains';

/** Whether the kernel forwards it, to a node. */
export function isForwarded({ status }: ConntrackEntry): boolean {
  return (status & IPS_DST_NAT) !== 0;
}

/** The key of the frontend that it came to. */
export function flowKey({ original }: ConntrackEntry): string {
  const { destination: address, destinationPort: port = 0, protocol } = original;
  return frontendKey({ address, protocol: protocol === IPPROTO_UDP ? 'UDP' : 'TCP', port });
}

/** The node that a forwarded connection goes through. */
export function nodeAddress({ reply }: ConntrackEntry): string {
  return formatAddress(reply.source);
}

/** Whether somebody is at both ends; of datagrams nobody knows, so that what is remembered counts. */
export function isOpen({ tcpState }: ConntrackEntry): boolean {
  return tcpState === undefined || !NOT_OPEN.has(tcpState);
}

/**
 * Judges a connection to a frontend by what the kernel does for that now. Datagrams stay with a node for as long as that
 * is no worse than others; TCP that nobody has answered has nothing to lose by the door, either.
 */
export function fateOf(flow: ConntrackEntry, { forward, home, members }: Carriage): Fate {
  if (!isForwarded(flow)) return 'stays';
  const address = nodeAddress(flow);
  const port = flow.reply.sourcePort;
  if (flow.tcpState === undefined) {
    return port === home.nodePort && home.addresses.has(address) ? 'stays' : 'cut';
  }
  const isTarget =
    port === forward?.nodePort && forward?.nodes.some((node) => node.address === address) === true;
  if (isTarget) return 'stays';
  if ((flow.status & IPS_SEEN_REPLY) === 0) return 'cut';
  return isOpen(flow) && !members.has(address) ? 'drains' : 'stays';
}
