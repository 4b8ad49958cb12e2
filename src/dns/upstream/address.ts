import { formatAddress, parseAddress } from '../../ip/index.ts';

/** Where an upstream server listens. */
export interface UpstreamAddress {
  readonly address: string;
  readonly port: number;
}

const DNS_PORT = 53;

/** Reads `IP`, `IP:PORT` or `[IP]:PORT`. */
export function parseUpstream(text: string): UpstreamAddress | undefined {
  const whole = parseAddress(text);
  if (whole !== undefined) return { address: formatAddress(whole), port: DNS_PORT };
  const [, host = '', port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  const address = parseAddress(host);
  return address === undefined
    ? undefined
    : { address: formatAddress(address), port: Number(port) };
}

/** `192.0.2.1:53`, `[2001:db8::1]:53` */
export function upstreamText({ address, port }: UpstreamAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
