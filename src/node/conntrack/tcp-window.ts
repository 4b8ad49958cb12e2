import type { Kernel, NamespacePath } from '../../kernel/index.ts';

/**
 * Lets connection tracking translate TCP segments outside the window that it expects (`nf_conntrack_tcp_be_liberal`,
 * kernel Documentation/networking/nf_conntrack-sysctl.rst), as kube-proxy's `--conntrack-tcp-be-liberal` does: it may
 * have missed some of a long-lived connection. Whatever is invalid all the same is dropped by the node's rules
 * (row 30 of docs/services.md): untranslated, it would reset the connection at its far end.
 */
export function tolerateWindows(kernel: Kernel, netns: NamespacePath): void {
  kernel.writeSysctl(netns, 'net/netfilter/nf_conntrack_tcp_be_liberal', '1');
}
