import { changeLink, Connection } from '../netlink/index.ts';
import { bindUdp, listenTcp, openTcp } from './ip-socket.ts';
import type { Kernel, SandboxNamespaces } from './kernel.ts';
import { checked, libc } from './libc.ts';
import { mount, unmount } from './mounts.ts';
import { KernelNetlinkSocket, NETLINK_NETFILTER, NETLINK_ROUTE } from './netlink-socket.ts';
import { pin, unpin } from './pins.ts';
import { readSysctl, writeSysctl } from './sysctl.ts';
import { openNamespace, ThreadNamespaces, type NamespaceType } from './thread-namespaces.ts';

/**
 * The kernel of this machine. Belongs to the thread that makes it, which must be in the namespaces of the process
 * then: they are what every call returns to.
 */
export function createKernel(): Kernel {
  const thread = new ThreadNamespaces();
  return {
    createNetworkNamespace: (path) => thread.inFresh(['net'], () => pinNetwork(path)),
    createSandbox: (paths, hostname) => createSandbox(thread, paths, hostname),
    deleteNamespace: unpin,
    inNamespace: (path, body) => thread.inNetwork(path, body),
    openNamespace,
    openRouteSocket: (path) => thread.inNetwork(path, () => new KernelNetlinkSocket(NETLINK_ROUTE)),
    openNetfilterSocket: (path) =>
      thread.inNetwork(path, () => new KernelNetlinkSocket(NETLINK_NETFILTER)),
    writeSysctl: (path, name, value) => thread.inNetwork(path, () => writeSysctl(name, value)),
    readSysctl: (path, name) => thread.inNetwork(path, () => readSysctl(name)),
    listenTcp: (path, at) => thread.inNetwork(path, () => listenTcp(at)),
    bindUdp: (path, at) => thread.inNetwork(path, () => bindUdp(at)),
    openTcp: (path, family) => thread.inNetwork(path, () => openTcp(family)),
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
function createSandbox(thread: ThreadNamespaces, paths: SandboxNamespaces, hostname: string): void {
  const pinned: string[] = [];
  const types: readonly NamespaceType[] = ['net', 'uts', 'ipc'];
  try {
    thread.inFresh(types, () => {
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
