export { CNI_CODE, CniError, readCniError, type CniErrorOptions } from './cni-error.ts';
export {
  CNI_NAME,
  hasOperation,
  parseNetworkList,
  pluginInput,
  type CallAdditions,
  type NetworkList,
  type PluginConfig,
} from './network-list.ts';
export {
  addressOf,
  checkResult,
  podAddresses,
  readResult,
  resultIn,
  type CniDns,
  type CniInterface,
  type CniIp,
  type CniResult,
  type CniRoute,
} from './result.ts';
export { chooseVersion, cniVersions, isAtLeast } from './version.ts';
