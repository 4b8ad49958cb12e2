export { NodeAgent, type NodeAgentOptions } from './agent.ts';
export { indexCaches } from './cache-indexes.ts';
export { CniPodNetwork, type CniPodNetworkOptions } from './cni/cni-network.ts';
export { findPlugin } from './cni/find-plugin.ts';
export { readNodeNetworkList } from './cni/node-network-list.ts';
export type { NodeCaches, NodeContext, NodePaths } from './context.ts';
export { Drain, type DrainOptions } from './drain.ts';
export {
  canaryAddresses,
  cidrTexts,
  defaultBlocks,
  maxNodes,
  nodeAddresses,
  outsideAddresses,
  type ClusterBlocks,
  type NodeAddresses,
} from './network/addresses.ts';
export { Fabric, type FabricOptions, type FabricPaths } from './network/fabric.ts';
export {
  VethPodNetwork,
  type HostPort,
  type PodNetwork,
  type PodWire,
} from './network/pod-network.ts';
export type { ContainerTarget, LogOptions, NodeApi } from './node-api.ts';
export type { NodeFacts } from './node-object.ts';
export type { DnsSettings } from './pod/name-files.ts';
export { DropEvents } from './policy/drop-events.ts';
export { FlowWatch } from './policy/flow-watch.ts';
export { FlowWorld } from './policy/flow-world.ts';
export type { AdmittedFlow, DroppedFlow, FlowEnd, Flows, NodeDrops } from './policy/flows.ts';
export { PolicyEnforcer } from './policy/policy-enforcer.ts';
export { proveEnforcement } from './policy/self-proof.ts';
export { RulesWatch, type GuardedTables } from './rules-watch/rules-watch.ts';
export { ServiceProxy, ZONE, type ServiceProxyOptions } from './service-proxy.ts';
