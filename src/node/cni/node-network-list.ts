import { join } from 'node:path';
import { parseNetworkList, type NetworkList, type PluginConfig } from '../../cni/index.ts';
import type { ConfigFile } from './config-folders.ts';

/** What of a node goes into a configuration that all nodes share. */
export interface NodeShare {
  /** `10.244.0.0/24`, IPv4 first. */
  readonly podCidrs: readonly string[];
  /** Where plugins keep what they remember. */
  readonly stateFolder: string;
}

/** `{{.PodCIDR}}` as containerd's own template has it; `{{.PodCIDR6}}` is the second family's. */
const PLACEHOLDER = /\{\{\s*\.PodCIDR(6?)\s*\}\}/g;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * host-local and portolan-cni remember their addresses in /var/lib/cni, where all nodes and all clusters of a machine would
 * share them and no deletion would take them away: unless the file says where, each node has a folder of its own.
 */
function withOwnState(plugin: PluginConfig, stateFolder: string): PluginConfig {
  const { ipam } = plugin;
  if (!isObject(ipam) || ipam['dataDir'] !== undefined) return plugin;
  const isOwn = plugin.type === 'portolan-cni' && ipam['type'] === undefined;
  if (ipam['type'] !== 'host-local' && !isOwn) return plugin;
  return { ...plugin, ipam: { ...ipam, dataDir: join(stateFolder, 'networks') } };
}

/** Reads a file as one node means it. @throws Fault `INVALID_CNI_CONFIG`, CniError 1 */
export function readNodeNetworkList({ path, text }: ConfigFile, share: NodeShare): NetworkList {
  const [first = '', second = ''] = share.podCidrs;
  const filled = text.replaceAll(PLACEHOLDER, (_, six: string) => (six === '' ? first : second));
  const list = parseNetworkList(filled, path);
  return {
    ...list,
    plugins: list.plugins.map((plugin) => withOwnState(plugin, share.stateFolder)),
  };
}
