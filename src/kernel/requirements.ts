import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { messageOf } from '../fault/index.ts';
import {
  Connection,
  createBridge,
  createVeth,
  listConntrack,
  type NetlinkRequest,
} from '../netlink/index.ts';
import { KernelNetlinkSocket, NETLINK_NETFILTER, NETLINK_ROUTE } from './netlink-socket.ts';
import { inFresh } from './thread-namespaces.ts';

/** One thing that Portolan needs of a machine. */
export interface Requirement {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, or what failed. */
  readonly detail: string;
  /** What to do when it is missing, as one imperative sentence. */
  readonly advice: string;
}

/** Tries one thing: returns what was found, throws when it is missing. */
interface Probe {
  readonly name: string;
  readonly advice: string;
  readonly run: () => string;
}

/** Bits of the capability sets (include/uapi/linux/capability.h). */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21 } as const;
/** `NFT_MSG_GETGEN` of subsystem NFNL_SUBSYS_NFTABLES (include/uapi/linux/netfilter/nf_tables.h). */
const NFT_GET_GENERATION = (10 << 8) | 16;
const CONTROLLERS = ['cpu', 'memory', 'pids'] as const;
const CGROUPS = '/sys/fs/cgroup';

const probes: readonly Probe[] = [
  { name: 'privileges', advice: 'Run as root.', run: findCapabilities },
  {
    name: 'network namespaces',
    advice: 'Run outside of sandboxes that deny unshare(2), on a kernel with CONFIG_NET_NS.',
    run: () => inFreshNetwork(() => `Linux ${release()} makes them`),
  },
  {
    name: 'veth and bridge links',
    advice: 'Load the kernel modules: modprobe -a veth bridge.',
    run: () => inFreshNetwork(makeLinks),
  },
  {
    name: 'nf_tables',
    advice: 'Load the kernel module: modprobe nf_tables.',
    run: () => inFreshNetwork(findNftables),
  },
  {
    name: 'connection tracking',
    advice: 'Load the kernel module: modprobe nf_conntrack_netlink.',
    run: () => inFreshNetwork(findConntrack),
  },
  { name: 'overlayfs', advice: 'Load the kernel module: modprobe overlay.', run: findOverlay },
  {
    name: 'cgroup controllers',
    advice: 'Enable the controllers; without them containers run without resource limits.',
    run: findControllers,
  },
];

/** Tries everything that Portolan needs of this machine, in namespaces that are gone afterwards. Never throws. */
export function checkRequirements(): Requirement[] {
  return probes.map(({ name, advice, run }) => {
    try {
      return { name, ok: true, detail: run(), advice };
    } catch (error) {
      return { name, ok: false, detail: messageOf(error), advice };
    }
  });
}

function findCapabilities(): string {
  const status = readFileSync('/proc/thread-self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const missing = Object.entries(CAPABILITIES)
    .filter(([, bit]) => ((effective >> BigInt(bit)) & 1n) === 0n)
    .map(([name]) => name);
  if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
  return `user ${process.geteuid?.()} has ${Object.keys(CAPABILITIES).join(' and ')}`;
}

function inFreshNetwork(body: () => string): string {
  return inFresh(['net'], body);
}

function makeLinks(): string {
  request(NETLINK_ROUTE, createVeth({ name: 'veth0', peer: { name: 'veth1' } }));
  request(NETLINK_ROUTE, createBridge({ name: 'br0' }));
  return 'both can be made';
}

function findNftables(): string {
  // The body is struct nfgenmsg of the unspecified family.
  const body = Buffer.alloc(4);
  request(NETLINK_NETFILTER, { type: NFT_GET_GENERATION, flags: 0, body, what: 'use nf_tables' });
  return 'answers';
}

function findConntrack(): string {
  withConnection(NETLINK_NETFILTER, listConntrack);
  return 'answers';
}

function request(protocol: number, message: NetlinkRequest): void {
  withConnection(protocol, (connection) => connection.request(message));
}

function withConnection<T>(protocol: number, body: (connection: Connection) => T): T {
  const connection = new Connection(new KernelNetlinkSocket(protocol));
  try {
    return body(connection);
  } finally {
    connection.close();
  }
}

function findOverlay(): string {
  const known = readFileSync('/proc/filesystems', 'utf8');
  if (!/\boverlay$/m.test(known)) throw new Error('not in /proc/filesystems');
  return 'known to the kernel';
}

/** Version 2 lists its controllers in one file; version 1 mounts each in a folder of its own. */
function findControllers(): string {
  const unified = `${CGROUPS}/cgroup.controllers`;
  const isUnified = existsSync(unified);
  const found = isUnified
    ? readFileSync(unified, 'utf8').trim().split(' ')
    : CONTROLLERS.filter((controller) => existsSync(`${CGROUPS}/${controller}/tasks`));
  const missing = CONTROLLERS.filter((controller) => !found.includes(controller));
  if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
  return `version ${isUnified ? 2 : 1} has ${CONTROLLERS.join(', ')}`;
}
