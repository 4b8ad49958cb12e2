import { readdir, readFile, readlink } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import type { Binding } from './binding.ts';

/** A process that has a socket where a binding wants to listen. */
export interface PortHolder {
  readonly pid: number;
  /** As in /proc/PID/comm. */
  readonly command: string;
}

/** `st` of /proc/net/tcp for TCP_LISTEN (include/net/tcp_states.h). */
const LISTENING = '0A';

/**
 * Looks for the process that listens on the binding's port, on its address or on all of them. `undefined` when there is
 * none any more, or none that this user may look into.
 */
export async function findHolder(binding: Binding): Promise<PortHolder | undefined> {
  const inodes = new Set(
    (await Promise.all(tablesOf(binding).map(readTable)))
      .flat()
      .filter((row) => matches(row, binding))
      .map((row) => `socket:[${row.inode}]`),
  );
  if (inodes.size === 0) {
    return undefined;
  }
  for (const entry of await readdir('/proc')) {
    if (/^\d+$/.test(entry) && (await hasSocket(entry, inodes))) {
      const command = await readFile(`/proc/${entry}/comm`, 'utf8').catch(() => '?');
      return { pid: Number(entry), command: command.trim() };
    }
  }
  return undefined;
}

interface SocketRow {
  /** Hexadecimal, in the machine's byte order by 32-bit words. */
  readonly address: string;
  readonly port: number;
  readonly state: string;
  readonly inode: string;
}

/** A socket on `::` holds the IPv4 port too, so both tables are of interest. */
function tablesOf({ protocol }: Binding): string[] {
  const name = protocol.toLowerCase();
  return [`/proc/self/net/${name}`, `/proc/self/net/${name}6`];
}

async function readTable(path: string): Promise<SocketRow[]> {
  // A kernel without IPv6 has no table for it.
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length > 9)
    .map(([, local = '', , state = '', , , , , , inode = '']) => {
      const [address = '', port = ''] = local.split(':');
      return { address, port: Number.parseInt(port, 16), state, inode };
    });
}

function matches(row: SocketRow, { listen, protocol }: Binding): boolean {
  const isOpen = protocol === 'UDP' || row.state === LISTENING;
  const isEverywhere = /^0+$/.test(row.address);
  return (
    isOpen && row.port === listen.port && (isEverywhere || row.address === hexOf(listen.address))
  );
}

function hexOf(address: string): string {
  if (isIPv6(address)) {
    // The only IPv6 address that is ever published: ::1.
    return '00000000000000000000000001000000';
  }
  const bytes = address.split('.').map(Number).reverse();
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

async function hasSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  // Processes end while they are looked at, and others' descriptors may be hidden: neither is the holder to be named.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(
    descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  return links.some((link) => inodes.has(link));
}
