export { findService, standaloneKubeconfig } from './access.ts';
export { daemonStatus } from './daemon/control.ts';
export { findDaemon } from './daemon/identity.ts';
export type { DaemonStatus, PublishedPort } from './daemon/messages.ts';
export {
  clusterDirectories,
  findDirectories,
  places,
  type ClusterDirectories,
  type Directories,
} from './directories.ts';
export { openImages } from './images.ts';
export {
  deleteCluster,
  listNames,
  startCluster,
  stopCluster,
  type StartOptions,
  type StartResult,
} from './lifecycle.ts';
export { namespacePin } from './network.ts';
export type { OnStep, StepEvent } from './progress.ts';
export { checkClusterName, nodeLoopback, readRecord, type ClusterRecord } from './record.ts';
export { kubernetesVersion, portolanVersion } from './versions.ts';
