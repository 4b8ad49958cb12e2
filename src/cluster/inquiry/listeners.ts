import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Listener } from '../../explain/index.ts';
import { addressFromBytes, unmap, type Address } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Pod } from '../../kube/index.ts';
import { places, type ClusterDirectories } from '../directories.ts';

/** Where a pod's network is pinned; undefined when it is not there. */
export function podPin(directories: ClusterDirectories, { metadata }: Pod): string | undefined {
  const pin = join(places.namespaces(directories), `${metadata.uid}-net`);
  return existsSync(pin) ? pin : undefined;
}

/** `TCP_LISTEN`, and `TCP_CLOSE`, which is every unconnected UDP socket (include/net/tcp_states.h). */
const waiting = { TCP: '0A', UDP: '07' } as const;

/** Words of 32 bits in the machine's byte order, as `%08X` (net/ipv4/tcp_ipv4.c get_tcp4_sock). */
function addressOf(hex: string): Address {
  const bytes = Buffer.from(hex, 'hex');
  return unmap(addressFromBytes(bytes.swap32()));
}

/** The waiting sockets of `/proc/net/tcp` and its like (Documentation/networking/proc_net_tcp.rst). */
export function parseSockets(text: string, protocol: Listener['protocol']): Listener[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      if (state !== waiting[protocol] || port === '') return [];
      return [{ protocol, address: addressOf(address), port: Number.parseInt(port, 16) }];
    });
}

const files = [
  ['tcp', 'TCP'],
  ['tcp6', 'TCP'],
  ['udp', 'UDP'],
  ['udp6', 'UDP'],
] as const;

/** The sockets that wait in a network namespace. */
export function readListeners(kernel: Kernel, pin: string): Listener[] {
  return kernel.inNamespace(pin, () =>
    files.flatMap(([file, protocol]) => {
      const path = `/proc/thread-self/net/${file}`;
      // Without IPv6 there are no files for it.
      return existsSync(path) ? parseSockets(readFileSync(path, 'utf8'), protocol) : [];
    }),
  );
}
