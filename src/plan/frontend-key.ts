import type { FieldValue } from '../nft/index.ts';
import type { Capture } from '../services/index.ts';

/** Where the capture's elements stand in the shared maps: `ip . protocol . port`. */
export function frontendKey({
  ip,
  port,
  protocol,
}: Pick<Capture, 'ip' | 'port' | 'protocol'>): readonly FieldValue[] {
  return [ip, protocol.toLowerCase(), port];
}
