import { cidrOf, formatAddress, requireAddress } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import {
  addAddress,
  changeLink,
  Connection,
  createVeth,
  everywhere,
  findLink,
  replaceRoute,
  setNeighbour,
} from '../../netlink/index.ts';
import { defaultBlocks, outsideAddresses } from '../../node/index.ts';

/** The client's end of its wire, and the fabric's. */
const INSIDE = 'eth0';
const OUTSIDE = 'client';

/** Makes a machine with these addresses behind the fabric: a namespace pinned at `path`, routed through the fabric. */
export function attachClient(
  kernel: Kernel,
  { fabric, path, addresses }: { fabric: string; path: string; addresses: readonly string[] },
): void {
  kernel.createNetworkNamespace(path);
  kernel.writeSysctl(path, 'net/ipv6/conf/default/accept_dad', '0');
  const there = new Connection(kernel.openRouteSocket(fabric));
  const here = new Connection(kernel.openRouteSocket(path));
  try {
    const namespaceFd = kernel.openNamespace(path);
    there.request(createVeth({ name: OUTSIDE, up: true, peer: { name: INSIDE, namespaceFd } }));
    kernel.closeDescriptor(namespaceFd);
    here.request(changeLink(INSIDE, { up: true }));
    for (const text of addresses) join(here, there, text);
  } finally {
    here.close();
    there.close();
  }
}

function join(here: Connection, there: Connection, text: string): void {
  const address = requireAddress(text);
  const { family } = address;
  const own = findLink(here, INSIDE)?.index ?? 0;
  const far = findLink(there, OUTSIDE);
  const via = outsideAddresses(defaultBlocks).find((gateway) => gateway.family === family);
  if (far === undefined || via === undefined)
    throw new Error(`no way to ${formatAddress(address)}`);
  here.request(addAddress({ link: own, address, prefixLength: cidrOf(address).prefixLength }));
  here.request(setNeighbour({ link: own, address: via, mac: far.mac ?? '' }));
  here.request(replaceRoute({ destination: cidrOf(via), link: own }));
  here.request(replaceRoute({ destination: everywhere(family), link: own, via }));
  there.request(replaceRoute({ destination: cidrOf(address), link: far.index }));
}
