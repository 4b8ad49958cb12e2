import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../fault/index.ts';
import { replaceFile } from '../files/index.ts';
import {
  defaultBlocks,
  cidrTexts,
  findPlugin,
  nodeAddresses,
  readNodeNetworkList,
} from '../node/index.ts';
import { sharedConfigFolder, type CniChoice } from './cni-choice.ts';
import type { ClusterDirectories } from './directories.ts';

/** Whether every plugin that a list names is on the path. */
function checkPlugins(types: readonly string[], path: readonly string[]): void {
  for (const type of new Set(types)) {
    try {
      findPlugin(type, path);
    } catch (cause) {
      throw new Fault({
        code: 'CNI_PLUGIN_MISSING',
        message: `there is no CNI plugin ${type} in ${path.join(', ')}`,
        advice:
          'Install it (Debian: apt-get install containernetworking-plugins), or name its folder in CNI_PATH.',
        cause,
      });
    }
  }
}

/**
 * Puts a network configuration where every node finds it, once it is seen to be one.
 * @throws Fault `INVALID_CNI_CONFIG`, `CNI_PLUGIN_MISSING`
 */
export function placeCniFile(
  directories: ClusterDirectories,
  { name, file, pluginPath = [] }: CniChoice,
): void {
  if (file === undefined) return;
  const { podCidrs } = nodeAddresses(defaultBlocks, 1);
  const share = { podCidrs: cidrTexts(podCidrs), stateFolder: directories.state };
  const text = readFileSync(name, 'utf8');
  const { plugins } = readNodeNetworkList({ path: name, text }, share);
  checkPlugins(
    plugins.map(({ type }) => type),
    pluginPath,
  );
  // In one step, and the text that was seen: nodes watch the folder.
  replaceFile(join(sharedConfigFolder(directories), file), text, { folderMode: 0o700 });
}
