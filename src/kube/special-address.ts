import { containsAddress, parseAddress, requireCidr } from '../ip/index.ts';
import { fieldInvalid, type FieldError, type FieldPath } from './field-error.ts';

/** In the words of `ValidateNonSpecialIP`, which has the last one's prefix wrong: RFC 4291 2.7 makes it ff02::/16. */
const specialRanges = [
  {
    ranges: ['0.0.0.0/32', '::/128'],
    message: (text: string) => `may not be unspecified (${text})`,
  },
  {
    ranges: ['127.0.0.0/8', '::1/128'],
    message: () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)',
  },
  {
    ranges: ['169.254.0.0/16', 'fe80::/10'],
    message: () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  },
  {
    ranges: ['224.0.0.0/24', 'ff02::/16'],
    message: () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  },
].map(({ ranges, message }) => ({ ranges: ranges.map(requireCidr), message }));

/**
 * Refuses addresses that would have a node send traffic to itself, to nobody, or to what only the node itself may ask (a
 * cloud's metadata server): endpoints and external addresses. What is no address is for others to refuse.
 */
export function checkNotSpecial(path: FieldPath, value: string | undefined): FieldError[] {
  const text = value ?? '';
  const address = parseAddress(text);
  if (address === undefined) return [];
  return specialRanges
    .filter(({ ranges }) => ranges.some((range) => containsAddress(range, address)))
    .map(({ message }) => fieldInvalid(path, text, message(text)));
}
