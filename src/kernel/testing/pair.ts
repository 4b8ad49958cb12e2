import { cidrOf, requireAddress } from '../../ip/index.ts';
import {
  addAddress,
  addRoute,
  changeLink,
  createVeth,
  findLink,
  type Connection,
} from '../../netlink/index.ts';
import type { TestKernel } from './test-kernel.ts';

/** One end of a {@link createPair}. */
export interface End {
  readonly namespace: string;
  readonly connection: Connection;
  /** Interface number of its `eth0`. */
  readonly link: number;
  readonly addresses: { readonly 4: string; readonly 6: string };
}

/** Two namespaces with a veth pair, an address of each family (/32, /128) and routes to each other. */
export function createPair(test: TestKernel): readonly [End, End] {
  const [left, right] = ['left', 'right'].map((name) => test.namespace(name)) as [string, string];
  const connections = { left: test.connect(left), right: test.connect(right) };
  const namespaceFd = test.kernel.openNamespace(right);
  try {
    const peer = { name: 'eth0', namespaceFd };
    connections.left.request(createVeth({ name: 'eth0', up: true, peer }));
  } finally {
    test.kernel.closeDescriptor(namespaceFd);
  }
  connections.right.request(changeLink('eth0', { up: true }));
  const addresses = [
    { 4: '10.0.0.1', 6: 'fd00::1' },
    { 4: '10.0.0.2', 6: 'fd00::2' },
  ] as const;
  const ends: readonly [End, End] = [
    endOf(left, connections.left, addresses[0]),
    endOf(right, connections.right, addresses[1]),
  ];
  connectEnds(ends[0], ends[1]);
  connectEnds(ends[1], ends[0]);
  return ends;
}

function endOf(namespace: string, connection: Connection, addresses: End['addresses']): End {
  const link = findLink(connection, 'eth0')?.index ?? 0;
  return { namespace, connection, link, addresses };
}

function connectEnds({ connection, link, addresses }: End, other: End): void {
  for (const family of [4, 6] as const) {
    const [address, peer] = [addresses[family], other.addresses[family]].map(requireAddress);
    if (!address || !peer) continue;
    const { prefixLength } = cidrOf(address);
    connection.request(addAddress({ link, address, prefixLength }));
    connection.request(addRoute({ destination: cidrOf(peer), link }));
  }
}
