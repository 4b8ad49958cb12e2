import { join } from 'node:path';
import { cidrOf, requireAddress } from '../src/ip/index.ts';
import type { Kernel } from '../src/kernel/index.ts';
import {
  addAddress,
  addRoute,
  changeLink,
  Connection,
  createVeth,
  findLink,
} from '../src/netlink/index.ts';

/** Two network namespaces and nothing but a veth pair between them: the least that a pod could have. */
export interface BarePair extends Disposable {
  readonly client: string;
  readonly server: string;
  readonly serverAddress: string;
}

const ADDRESSES = { client: '10.0.0.1', server: '10.0.0.2' } as const;

function withConnection(kernel: Kernel, pin: string, body: (to: Connection) => void): void {
  const connection = new Connection(kernel.openRouteSocket(pin));
  try {
    body(connection);
  } finally {
    connection.close();
  }
}

function connectEnds(kernel: Kernel, client: string, server: string): void {
  const namespaceFd = kernel.openNamespace(server);
  try {
    withConnection(kernel, client, (connection) => {
      connection.request(
        createVeth({ name: 'eth0', up: true, peer: { name: 'eth0', namespaceFd } }),
      );
    });
  } finally {
    kernel.closeDescriptor(namespaceFd);
  }
}

function addressEnd(connection: Connection, own: string, other: string): void {
  connection.request(changeLink('eth0', { up: true }));
  const link = findLink(connection, 'eth0')?.index ?? 0;
  connection.request(addAddress({ link, address: requireAddress(own), prefixLength: 32 }));
  connection.request(addRoute({ destination: cidrOf(requireAddress(other)), link }));
}

/** Makes the pair; its pins are in `directory`. */
export function createBarePair(kernel: Kernel, directory: string): BarePair {
  const [client, server] = [join(directory, 'bare-client'), join(directory, 'bare-server')];
  const close = (): void => [client, server].forEach((pin) => kernel.deleteNamespace(pin));
  try {
    for (const pin of [client, server]) kernel.createNetworkNamespace(pin);
    connectEnds(kernel, client, server);
    withConnection(kernel, client, (to) => addressEnd(to, ADDRESSES.client, ADDRESSES.server));
    withConnection(kernel, server, (to) => addressEnd(to, ADDRESSES.server, ADDRESSES.client));
  } catch (error) {
    close();
    throw error;
  }
  return { client, server, serverAddress: ADDRESSES.server, [Symbol.dispose]: close };
}
