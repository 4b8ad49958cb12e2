import { isIP } from 'node:net';
import { addressFromBytes, formatAddress } from '../../../ip/index.ts';

/** The beginning of version 2 (the PROXY protocol's specification, section 2.2). */
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_HEAD = 16;
/** The longest line of version 1. */
const V1_LONGEST = 107;

/** What stands before a connection's own bytes. */
export interface ProxyHeader {
  /** Bytes of the header. */
  readonly length: number;
  /** The client's address; absent for the proxy's own connections (LOCAL, UNKNOWN). */
  readonly client?: string;
  /** The client came over TLS (section 2.2.5, PP2_TYPE_SSL). */
  readonly isSecure?: boolean;
}

const PP2_TYPE_SSL = 0x20;
const PP2_CLIENT_SSL = 0x01;

/**
 * Reads a PROXY protocol header, version 1 or 2.
 * @returns `more` while it is not whole, `none` when it is none: then the connection must be closed
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'more' | 'none' {
  const isV2 = bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE.subarray(0, bytes.length));
  if (isV2) return bytes.length < V2_HEAD ? 'more' : readV2(bytes);
  const start = bytes.toString('latin1', 0, 6);
  if (!'PROXY '.startsWith(start)) return 'none';
  const end = bytes.indexOf('\r\n');
  if (end > V1_LONGEST - 2) return 'none';
  if (end === -1) return bytes.length >= V1_LONGEST ? 'none' : 'more';
  const [, family, client = ''] = bytes.toString('latin1', 0, end).split(' ');
  if (family === 'UNKNOWN') return { length: end + 2 };
  return isIP(client) === 0 ? 'none' : { length: end + 2, client };
}

function readV2(bytes: Buffer): ProxyHeader | 'more' | 'none' {
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13) >> 4;
  const length = V2_HEAD + bytes.readUInt16BE(14);
  if (command >> 4 !== 2) return 'none';
  if (bytes.length < length) return 'more';
  const size = family === 1 ? 4 : 16;
  const isLocal = (command & 0xf) === 0 || (family !== 1 && family !== 2);
  if (isLocal || length < V2_HEAD + size) return { length };
  return {
    length,
    client: formatAddress(addressFromBytes(bytes.subarray(V2_HEAD, V2_HEAD + size))),
    isSecure: cameOverTls(bytes.subarray(V2_HEAD + 2 * size + 4, length)),
  };
}

/** Looks through type, length and value of what stands behind the addresses. */
function cameOverTls(fields: Buffer): boolean {
  for (let at = 0; at + 3 < fields.length; at += 3 + fields.readUInt16BE(at + 1)) {
    if (fields[at] === PP2_TYPE_SSL) return ((fields[at + 3] ?? 0) & PP2_CLIENT_SSL) !== 0;
  }
  return false;
}
