import { join } from 'node:path';
import {
  cidrTexts,
  CniPodNetwork,
  VethPodNetwork,
  type DnsSettings,
  type PodNetwork,
} from '../node/index.ts';
import { cniOf, nodeCniFolder, sharedConfigFolder } from './cni-choice.ts';
import type { DataPlaneOptions } from './data-plane.ts';
import type { NodePlace } from './network.ts';

/** Opens the network of one node's pods, as the cluster's record has it. */
export async function openPodNetwork(
  { directories, record, kernel, clock, log }: DataPlaneOptions,
  { name, addresses, netns }: NodePlace,
  dns: DnsSettings,
): Promise<PodNetwork> {
  const { network, pluginPath = [] } = cniOf(record);
  if (network === 'portolan') return new VethPodNetwork(kernel, netns);
  const folder = nodeCniFolder(directories, name);
  const plugins = new CniPodNetwork({
    kernel,
    clock,
    netns,
    podCidrs: cidrTexts(addresses.podCidrs),
    configFolders: [join(folder, 'net.d'), sharedConfigFolder(directories)],
    stateFolder: folder,
    pluginPath,
    dns,
    log,
  });
  await plugins.open();
  return plugins;
}
