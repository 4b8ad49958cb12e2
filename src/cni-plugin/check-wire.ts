import { addressOf, CNI_CODE, CniError, type CniResult } from '../cni/index.ts';
import { formatAddress, isSameAddress, type Address } from '../ip/index.ts';
import { Connection, findLink, listAddresses, listRoutes, type Link } from '../netlink/index.ts';
import type { Wire, WireEnds } from '../node/network/pod-wire.ts';

function wrong(message: string): CniError {
  return new CniError({ number: CNI_CODE.other, message });
}

function requireUp(connection: Connection, name: string, where: string): Link {
  const link = findLink(connection, name);
  if (link === undefined) throw wrong(`${where} has no interface ${name}`);
  if (!link.up) throw wrong(`interface ${name} of ${where} is down`);
  return link;
}

function checkPodSide(pod: Connection, podLink: string, addresses: readonly Address[]): void {
  const link = requireUp(pod, podLink, 'the container');
  const present = listAddresses(pod, { link: link.index });
  const routes = listRoutes(pod);
  for (const address of addresses) {
    const text = formatAddress(address);
    if (!present.some((one) => isSameAddress(one.address, address))) {
      throw wrong(`interface ${podLink} of the container has lost ${text}`);
    }
    const isDefault = routes.some(
      ({ destination, link: through }) =>
        destination.prefixLength === 0 &&
        destination.family === address.family &&
        through === link.index,
    );
    if (!isDefault) throw wrong(`the container has no default route for ${text}`);
  }
}

function checkNodeSide(node: Connection, nodeLink: string, addresses: readonly Address[]): void {
  const link = requireUp(node, nodeLink, 'the node');
  const routes = listRoutes(node);
  for (const { family, value } of addresses) {
    const isRouted = routes.some(
      ({ destination, link: through }) =>
        destination.family === family && destination.base === value && through === link.index,
    );
    if (!isRouted) throw wrong(`the node has no route to ${formatAddress({ family, value })}`);
  }
}

/**
 * Compares a wire with what ADD said of it. A chained plugin may have added addresses and routes of its own.
 * @returns the container's addresses. @throws CniError 100 that names what is missing
 */
export function checkWire(
  { kernel, node, netns }: WireEnds,
  { interfaces = [], ips = [] }: CniResult,
  { nodeLink, podLink }: Pick<Wire, 'nodeLink' | 'podLink'>,
): Address[] {
  const addresses = ips
    .filter(({ interface: position }) => interfaces[position ?? -1]?.name === podLink)
    .map(addressOf);
  const pod = new Connection(kernel.openRouteSocket(netns));
  try {
    checkPodSide(pod, podLink, addresses);
  } finally {
    pod.close();
  }
  checkNodeSide(node, nodeLink, addresses);
  return addresses;
}
