// What a command loads: each of these comes without the rooms that only the daemon needs.
export { listServices, standaloneKubeconfig, type ServiceNames } from './access.ts';
export { listAddons, parseAddons, type AddonSummary } from './addon-choice.ts';
export { cniNames, cniOf, isCniName } from './cni-choice.ts';
export { commandLine, DEFAULT_NAME, programName } from './command-line.ts';
export { followFlows, provePolicies, recentFlows } from './daemon/ask-flows.ts';
export { daemonStatus } from './daemon/control.ts';
export type { FlowReport, StreamedFlow } from './daemon/serve-flows.ts';
export { findDaemon } from './daemon/identity.ts';
export type { DaemonStatus, NodeProof, PublishedPort } from './daemon/messages.ts';
export {
  clusterDirectories,
  findDirectories,
  places,
  type ClusterDirectories,
  type Directories,
} from './directories.ts';
export { enforcementNotes } from './inquiry/enforcement.ts';
export type { InquirySource } from './inquiry/request.ts';
export { openImages } from './images.ts';
export { deleteCluster } from './lifecycle/delete.ts';
export { setAddon, type AddonChange } from './lifecycle/set-addon.ts';
export { startCluster, type StartOptions, type StartResult } from './lifecycle/start.ts';
export { stopCluster } from './lifecycle/stop.ts';
export { nodeLoopback } from './loopback.ts';
export { hasLiveNetwork, namespacePin } from './pins.ts';
export type { OnStep, StepEvent } from './progress.ts';
export { checkClusterName, listNames, readRecord, type ClusterRecord } from './record.ts';
export { kubernetesVersion, portolanVersion } from './versions.ts';
