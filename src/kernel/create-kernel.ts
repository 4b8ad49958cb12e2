import { changeLink, Connection } from '../netlink/index.ts';
import { bindUdp, listenTcp, openTcp } from './ip-socket.ts';
import type { Kernel, NamespacePath, SandboxNamespaces } from './kernel.ts';
import { checked, libc } from './libc.ts';
import { mount, unmount } from './mounts.ts';
import { KernelNetlinkSocket, NETLINK_NETFILTER, NETLINK_ROUTE } from './netlink-socket.ts';
import { pin, unpin } from './pins.ts';
import { readSysctl, writeSysctl } from './sysctl.ts';
import {
  inFresh,
  inNetworkAt,
  inNetworkOf,
  openNamespace,
  ownNamespace,
  type NamespaceType,
} from './thread-namespaces.ts';

/**
 * The kernel of this machine, for the thread that makes it. Its network namespace at that moment is the one that
 * no path means.
 */
export function createKernel(): Kernel {
  const home = openNamespace(ownNamespace('net'));
  const within = <T>(path: NamespacePath, body: () => T): T =>
    path === undefined ? inNetworkOf(home, body) : inNetworkAt(path, body);
  return {
    createNetworkNamespace: (path) => inFresh(['net'], () => pinNetwork(path)),
    createSandbox,
    deleteNamespace: unpin,
    inNamespace: within,
    openNamespace,
    openRouteSocket: (path) => within(path, () => new KernelNetlinkSocket(NETLINK_ROUTE)),
    openNetfilterSocket: (path) => within(path, () => new KernelNetlinkSocket(NETLINK_NETFILTER)),
    writeSysctl: (path, name, value) => within(path, () => writeSysctl(name, value)),
    readSysctl: (path, name) => within(path, () => readSysctl(name)),
    listenTcp: (path, at) => within(path, () => listenTcp(at)),
    bindUdp: (path, at) => within(path, () => bindUdp(at)),
    openTcp: (path, family, from) => within(path, () => openTcp(family, from)),
    closeDescriptor: (fd) => void checked(libc.close(fd), `close descriptor ${fd}`),
    mount,
    unmount: (target) => void unmount(target),
  };
}

/** Brings the loopback of the calling thread's fresh network namespace up, then pins the namespace. */
function pinNetwork(path: string): void {
  const connection = new Connection(new KernelNetlinkSocket(NETLINK_ROUTE));
  try {
    connection.request(changeLink('lo', { up: true }));
  } finally {
    connection.close();
  }
  pin('net', path);
}

/** Makes all three namespaces or none: what was pinned before a failure is taken away again. */
function createSandbox(paths: SandboxNamespaces, hostname: string): void {
  const pinned: string[] = [];
  const types: readonly NamespaceType[] = ['net', 'uts', 'ipc'];
  try {
    inFresh(types, () => {
      const length = Buffer.byteLength(hostname);
      checked(libc.sethostname(hostname, length), `set the hostname ${hostname}`);
      pinNetwork(paths.net);
      pinned.push(paths.net);
      for (const type of ['uts', 'ipc'] as const) {
        pin(type, paths[type]);
        pinned.push(paths[type]);
      }
    });
  } catch (error) {
    for (const path of pinned) unpin(path);
    throw error;
  }
}
