import { formatAddress, parseAddress } from '../../ip/index.ts';

/** Where an upstream server listens. */
export interface UpstreamAddress {
  readonly address: string;
  readonly port: number;
  /** Asked over TLS (RFC 7858). */
  readonly isSecure: boolean;
  /** Who its certificate must name; its address when absent. */
  readonly serverName?: string;
}

const DNS_PORT = 53;
const TLS_PORT = 853;

/** Reads `IP`, `IP:PORT` or `[IP]:PORT`, with `tls://` before it also `IP%NAME` and `IP%NAME:PORT`. */
export function parseUpstream(text: string): UpstreamAddress | undefined {
  const isSecure = text.startsWith('tls://');
  const bare = text.replace(/^tls:\/\//, '');
  const serverName = isSecure ? /%([^:\]]+)/.exec(bare)?.[1] : undefined;
  const place = serverName === undefined ? bare : bare.replace(`%${serverName}`, '');
  const named = { isSecure, ...(serverName === undefined ? {} : { serverName }) };
  const whole = parseAddress(place.replace(/^\[(.*)\]$/, '$1'));
  const port = isSecure ? TLS_PORT : DNS_PORT;
  if (whole !== undefined) return { address: formatAddress(whole), port, ...named };
  const [, host = '', said] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(place) ?? [];
  const address = parseAddress(host);
  return address === undefined
    ? undefined
    : { address: formatAddress(address), port: Number(said), ...named };
}

/** `192.0.2.1:53`, `[2001:db8::1]:53` */
export function upstreamText({ address, port }: Pick<UpstreamAddress, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
