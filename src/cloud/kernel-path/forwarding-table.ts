import { firstAddress, formatAddress, lastAddress, type Family } from '../../ip/index.ts';
import {
  hostU32,
  priorities,
  registerAt,
  type BaseChain,
  type ChainContents,
  type DataTypeName,
  type Element,
  type Expression,
  type SetDefinition,
  type TableContents,
} from '../../nft/index.ts';
import { pastFabric } from '../client-source.ts';
import { CLIENT_SEED, SLOTS } from './client-slot.ts';

export const FORWARDING_TABLE = 'portolan-cloud-nat';
const BALANCE = 'balance';

export const nftFamilies = { 4: 'ip', 6: 'ip6' } as const;
/** Offsets of addresses in the IPv4 (RFC 791) and IPv6 (RFC 8200) headers, and lengths in bytes. */
const headers = {
  4: { length: 4, source: 12, destination: 16 },
  6: { length: 16, source: 8, destination: 24 },
} as const;

/** The sets and maps of one table; all load balancers share them, as Services do on nodes (`plan`). */
export interface ForwardingSets {
  /** Frontend, to the number of the group of nodes that its connections are dealt out over. */
  readonly frontends: SetDefinition;
  /** The same for frontends whose clients go to one node each. */
  readonly stickyFrontends: SetDefinition;
  /** Frontend, to the node port. */
  readonly nodePorts: SetDefinition;
  /** Number of a group and slot, to the address of a node. */
  readonly nodes: SetDefinition;
  /** Clients whom nodes would answer past the fabric. */
  readonly near: SetDefinition;
}

function makeSets(family: Family): ForwardingSets {
  const address: DataTypeName = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const frontend: DataTypeName[] = [address, 'inet_proto', 'inet_service'];
  const define = (name: string, rest: Pick<SetDefinition, 'key' | 'data' | 'interval'>) =>
    ({ family: nftFamilies[family], table: FORWARDING_TABLE, name, ...rest }) as const;
  return {
    frontends: define('frontends', { key: frontend, data: ['mark'] }),
    stickyFrontends: define('sticky-frontends', { key: frontend, data: ['mark'] }),
    nodePorts: define('node-ports', { key: frontend, data: ['inet_service'] }),
    nodes: define('nodes', { key: ['mark', 'numgen'], data: [address] }),
    near: define('near', { key: [address], interval: true }),
  };
}

const setsByFamily = { 4: makeSets(4), 6: makeSets(6) } as const;

export function forwardingSets(family: Family): ForwardingSets {
  return setsByFamily[family];
}

/**
 * The table of one family with these elements in its maps: chains and rules are the same for any number of Services.
 *
 *     chain prerouting, output { type nat; jump balance }
 *     chain balance {
 *       ct mark set ip daddr . meta l4proto . th dport map @frontends
 *         dnat to ct mark . numgen random mod 60 map @nodes : ip daddr . meta l4proto . th dport map @node-ports
 *       ct mark set ip daddr . meta l4proto . th dport map @sticky-frontends
 *         dnat to ct mark . jhash ip saddr mod 60 map @nodes : ip daddr . meta l4proto . th dport map @node-ports
 *     }
 *     chain postrouting { type nat; ct mark != 0 ip saddr @near masquerade fully-random }
 *
 * What is in no map goes on to the door that listens at its address. The group's number travels in the connection's
 * mark: nft 1.0.6 cannot list a lookup whose key is another lookup's answer, and the packet's mark chooses routes here
 * (return-path.ts).
 */
export function forwardingTable(
  family: Family,
  elementsOf: (set: SetDefinition) => readonly Element[],
): TableContents {
  const { near, ...maps } = forwardingSets(family);
  const sets = Object.values(maps).map((definition) => ({
    definition,
    elements: elementsOf(definition),
  }));
  const jump = [{ kind: 'immediate', verdict: { code: 'jump', chain: BALANCE } }] as const;
  return {
    table: { family: nftFamilies[family], name: FORWARDING_TABLE },
    counters: [],
    sets: [...sets, { definition: near, elements: nearElements(family) }],
    chains: [
      chainOf(family, BALANCE, [balanceRule(family, false), balanceRule(family, true)]),
      chainOf(family, 'prerouting', [jump], priorities.dstnat),
      chainOf(family, 'output', [jump], priorities.dstnat),
      chainOf(family, 'postrouting', [masqueradeRule(family)], priorities.srcnat),
    ],
  };
}

function nearElements(family: Family): Element[] {
  return pastFabric
    .filter((block) => block.family === family)
    .map((block) => ({
      key: [formatAddress(firstAddress(block))],
      keyEnd: [formatAddress(lastAddress(block))],
    }));
}

function balanceRule(family: Family, isSticky: boolean): Expression[] {
  const { frontends, stickyFrontends, nodePorts, nodes } = forwardingSets(family);
  const group = registerAt(0);
  const address = registerAt(0);
  // Behind the largest address.
  const port = registerAt(4);
  return [
    ...loadFrontend(family, 4),
    lookup(isSticky ? stickyFrontends : frontends, 4, group),
    { kind: 'ct', key: 'mark', from: group },
    { kind: 'ct', key: 'mark', into: group },
    ...(isSticky
      ? hashClient(family)
      : [{ kind: 'numgen', type: 'random', modulus: SLOTS, into: registerAt(1) } as const]),
    lookup(nodes, 0, address),
    ...loadFrontend(family, 4),
    lookup(nodePorts, 4, port),
    { kind: 'nat', type: 'dnat', family: nftFamilies[family], address, port },
  ];
}

function lookup({ name }: SetDefinition, word: number, into: number): Expression {
  return { kind: 'lookup', set: name, from: registerAt(word), into };
}

/** `ip daddr . meta l4proto . th dport`, at register words. */
function loadFrontend(family: Family, word: number): Expression[] {
  const { length, destination: offset } = headers[family];
  const after = word + length / 4;
  return [
    { kind: 'payload', base: 'network', offset, length, into: registerAt(word) },
    { kind: 'meta', key: 'l4proto', into: registerAt(after) },
    { kind: 'payload', base: 'transport', offset: 2, length: 2, into: registerAt(after + 1) },
  ];
}

/** `jhash ip saddr mod 60`, into register word 1. */
function hashClient(family: Family): Expression[] {
  const { length, source: offset } = headers[family];
  const from = registerAt(4);
  const into = registerAt(1);
  return [
    { kind: 'payload', base: 'network', offset, length, into: from },
    { kind: 'hash', type: 'jenkins', from, length, modulus: SLOTS, seed: CLIENT_SEED, into },
  ];
}

/** Nodes and pods would be answered by the node directly, which would leave the answer untranslated. */
function masqueradeRule(family: Family): Expression[] {
  const { length, source: offset } = headers[family];
  const at = registerAt(0);
  return [
    { kind: 'ct', key: 'mark', into: at },
    { kind: 'cmp', from: at, operator: '!=', data: hostU32(0) },
    { kind: 'payload', base: 'network', offset, length, into: at },
    { kind: 'lookup', set: forwardingSets(family).near.name, from: at },
    { kind: 'masquerade', fullyRandom: true },
  ];
}

function chainOf(
  family: Family,
  name: 'prerouting' | 'output' | 'postrouting' | typeof BALANCE,
  rules: readonly (readonly Expression[])[],
  priority = 0,
): ChainContents {
  const place = { family: nftFamilies[family], table: FORWARDING_TABLE } as const;
  const base: BaseChain | undefined =
    name === BALANCE ? undefined : { type: 'nat', hook: name, priority, policy: 'accept' };
  return {
    chain: { ...place, name, ...(base === undefined ? {} : { base }) },
    rules: rules.map((expressions) => ({ ...place, chain: name, expressions })),
  };
}
