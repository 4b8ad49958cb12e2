import type { Family } from '../ip/index.ts';

/** Address families of rtnetlink's fixed headers (include/linux/socket.h). */
export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;

/** The routing table that lookups use by default (include/uapi/linux/rtnetlink.h). */
export const RT_TABLE_MAIN = 254;

/** The kernel's number for an IP version; none asks for both. */
export function familyNumber(family: Family | undefined): number {
  if (family === undefined) return AF_UNSPEC;
  return family === 4 ? AF_INET : AF_INET6;
}

/** The IP version of a kernel family number, `undefined` for any other (bridge, multicast routes). */
export function familyOf(number: number | undefined): Family | undefined {
  if (number === AF_INET) return 4;
  return number === AF_INET6 ? 6 : undefined;
}
