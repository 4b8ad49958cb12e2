import { mkdirSync } from 'node:fs';
import type { Kernel } from '../kernel/index.ts';
import { defaultBlocks, Fabric, nodeAddresses, type NodeAddresses } from '../node/index.ts';
import { places, type ClusterDirectories } from './directories.ts';
import { bootId, hasLiveNetwork, namespacePin } from './pins.ts';
import { writeRecord, type ClusterRecord } from './record.ts';

/** One node's place in the cluster's network. */
export interface NodePlace {
  readonly name: string;
  readonly addresses: NodeAddresses;
  readonly netns: string;
}

export interface ClusterNetwork {
  readonly fabric: Fabric;
  readonly nodes: readonly NodePlace[];
  /** The cluster's record, with the boot that the network belongs to. */
  readonly record: ClusterRecord;
  /** True when the network outlived the last daemon. */
  readonly isAdopted: boolean;
}

/**
 * Makes the fabric and its nodes, or opens what an earlier daemon of this boot completed. Whoever calls has purged what a
 * half-done attempt left.
 */
export function openNetwork(
  kernel: Kernel,
  directories: ClusterDirectories,
  record: ClusterRecord,
): ClusterNetwork {
  const isAdopted = hasLiveNetwork(directories, record);
  mkdirSync(places.namespaces(directories), { recursive: true, mode: 0o700 });
  const fabric = new Fabric({
    kernel,
    blocks: defaultBlocks,
    paths: {
      fabric: namespacePin(directories),
      nodePin: (name) => namespacePin(directories, name),
    },
    isAdopted,
  });
  const nodes = record.nodes.map((name, position) => {
    const addresses = nodeAddresses(defaultBlocks, position + 1);
    return { name, addresses, ...fabric.addNode(name, addresses) };
  });
  const completed = { ...record, networkBoot: bootId() };
  if (!isAdopted) writeRecord(directories, completed);
  return { fabric, nodes, record: completed, isAdopted };
}
