import { formatAddress, type Address } from '../../ip/index.ts';

/** No leading zeros: `04` is another label than `4`, and nobody's. */
const V4 =
  /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.in-addr\.arpa\.$/;
const V6 = /^(?:[0-9a-f]\.){32}ip6\.arpa\.$/;

/** The address of `4.3.2.1.in-addr.arpa.` or of 32 nibbles below `ip6.arpa.`; in lower case, as canonical text. */
export function addressOfReverseName(name: string): string | undefined {
  const v4 = V4.exec(name)?.slice(1).map(Number);
  if (v4 !== undefined) {
    if (v4.some((octet) => octet > 255)) return undefined;
    return v4.toReversed().join('.');
  }
  if (!V6.test(name)) return undefined;
  const hex = name.slice(0, 64).split('.').toReversed().join('');
  const address: Address = { family: 6, value: BigInt(`0x${hex}`) };
  return formatAddress(address);
}
