import { parseAddress } from '../../../ip/index.ts';
import type { Reading } from '../reading.ts';
import type { Token } from '../token.ts';

/** `IP`, `IP:PORT`, `[IP]:PORT` */
function isEndpoint(text: string): boolean {
  if (parseAddress(text) !== undefined) return true;
  const [, host = '', port] = /^\[?([^\]]+?)\]?(?::(\d{1,5}))?$/.exec(text) ?? [];
  return parseAddress(host) !== undefined && (port === undefined || Number(port) <= 0xffff);
}

/** `tls://IP[%NAME][:PORT]`: the name is who the server must be. */
function isSecureEndpoint(text: string): boolean {
  const [, rest = ''] = /^tls:\/\/(.*)$/.exec(text) ?? [];
  return isEndpoint(rest.replace(/%[^:\]]+/, ''));
}

/** Reads one of the servers after `forward FROM`. */
export function readUpstream(token: Token, reading: Reading): string {
  const text = token.text.replace(/^dns:\/\//, '');
  const isFile = text.startsWith('/');
  if (!isFile && !isEndpoint(text) && !isSecureEndpoint(text)) {
    const quoted = JSON.stringify(token.text);
    const known = 'an address, an address with a port, tls:// before either, or a file';
    reading.report(token, `${quoted} is no upstream: ${known}`);
  } else if (isFile && text !== '/etc/resolv.conf') {
    reading.report(token, "the only file of upstreams here is /etc/resolv.conf, the machine's own");
  }
  return text;
}
