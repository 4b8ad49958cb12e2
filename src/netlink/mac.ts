import { Fault } from '../fault/index.ts';

const MAC = /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/;

/** The six bytes of `0a:58:0a:f4:00:02`. @throws Fault `INVALID_MAC`. */
export function macToBytes(text: string): Buffer {
  if (MAC.test(text)) return Buffer.from(text.replaceAll(':', ''), 'hex');
  throw new Fault({
    code: 'INVALID_MAC',
    message: `${JSON.stringify(text)} is not a hardware address`,
    advice: 'Write six pairs of hexadecimal digits with colons between them.',
  });
}

export function macFromBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
