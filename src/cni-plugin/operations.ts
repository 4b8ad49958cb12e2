import {
  checkResult,
  CNI_CODE,
  CniError,
  resultIn,
  type CniIp,
  type CniResult,
} from '../cni/index.ts';
import { messageOf } from '../fault/index.ts';
import { formatAddress, type Address } from '../ip/index.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Connection } from '../netlink/index.ts';
import {
  connectPod,
  disconnectPod,
  gateways,
  NODE_END_MAC,
  podMac,
} from '../node/network/pod-wire.ts';
import { addressingOf, type Addressing, type Assignment } from './addressing.ts';
import { AttachmentStore } from './attachment-store.ts';
import { checkWire } from './check-wire.ts';
import type { AttachmentKey, Request } from './request.ts';

/** What every operation works with. */
export interface Tools {
  readonly kernel: Kernel;
  /** Into the namespace that the plugin was called in: the node's. */
  readonly node: Connection;
  readonly request: Request;
  readonly store: AttachmentStore;
  readonly addressing: Addressing;
}

/** Opens what an operation needs, and closes it again. */
export async function withTools<T>(
  kernel: Kernel,
  request: Request,
  work: (tools: Tools) => Promise<T>,
): Promise<T> {
  const store = new AttachmentStore(request.settings);
  const node = new Connection(kernel.openRouteSocket(undefined));
  try {
    const addressing = addressingOf(kernel, request, store);
    return await work({ kernel, node, request, store, addressing });
  } finally {
    node.close();
  }
}

/** By family: what makes the node forward between its pods. */
const forwarding = { 4: 'net/ipv4/ip_forward', 6: 'net/ipv6/conf/all/forwarding' } as const;

function letNodeForward(kernel: Kernel, addresses: readonly Address[]): void {
  for (const family of new Set(addresses.map((address) => address.family))) {
    const name = forwarding[family];
    if (kernel.readSysctl(undefined, name).trim() !== '1') kernel.writeSysctl(undefined, name, '1');
  }
}

function resultOf({ request, store }: Tools, { addresses, dns }: Assignment): CniResult {
  const { key, netns, settings } = request;
  const mtu = settings.mtu === undefined ? {} : { mtu: settings.mtu };
  const ips: CniIp[] = addresses.map((address) => ({
    address: `${formatAddress(address)}/${address.family === 4 ? 32 : 128}`,
    gateway: formatAddress(gateways[address.family]),
    interface: 1,
  }));
  return resultIn(settings.cniVersion, {
    cniVersion: settings.cniVersion,
    interfaces: [
      { name: store.linkName(key), mac: NODE_END_MAC, ...mtu },
      { name: key.ifname, mac: podMac({ addresses }), ...mtu, sandbox: netns },
    ],
    ips,
    routes: addresses.map(({ family }) => ({
      dst: family === 4 ? '0.0.0.0/0' : '::/0',
      gw: formatAddress(gateways[family]),
    })),
    dns: { ...dns, ...settings.dns },
  });
}

/** Connects a container; nothing is left behind when that fails. @throws CniError */
export async function add(tools: Tools): Promise<CniResult> {
  const { kernel, node, request, store, addressing } = tools;
  const { key, netns, settings } = request;
  store.prepare();
  store.open(key);
  try {
    const assignment = await addressing.assign();
    const { addresses } = assignment;
    if (addresses.length === 0) {
      throw new CniError({
        number: CNI_CODE.other,
        message: 'IPAM plugin returned missing IP config',
      });
    }
    letNodeForward(kernel, addresses);
    const mtu = settings.mtu === undefined ? {} : { mtu: settings.mtu };
    const wire = { nodeLink: store.linkName(key), podLink: key.ifname, addresses, ...mtu };
    connectPod({ kernel, node, netns }, wire);
    return resultOf(tools, assignment);
  } catch (error) {
    await undo(tools, error);
    throw error;
  }
}

/** @throws CniError with both, when what a failed ADD made cannot be removed */
async function undo(tools: Tools, cause: unknown): Promise<void> {
  try {
    await remove(tools);
  } catch (error) {
    throw new CniError({
      number: CNI_CODE.other,
      message: messageOf(cause),
      details: `and what it made is still there: ${messageOf(error)}`,
      cause,
    });
  }
}

/** Disconnects a container; harmless when it is not connected, or gone. */
export async function remove({ node, request, store, addressing }: Tools): Promise<void> {
  disconnectPod(node, store.linkName(request.key));
  // Before anybody else is asked, who may fail: DEL needs none of it.
  store.close(request.key);
  await addressing.release();
}

/** @throws CniError that says what is not as ADD made it */
export async function check({ kernel, node, request, store, addressing }: Tools): Promise<void> {
  const { key, netns, settings } = request;
  if (settings.prevResult === undefined) {
    const message = 'CHECK needs prevResult';
    throw new CniError({ number: CNI_CODE.invalidConfiguration, message });
  }
  const own = checkWire({ kernel, node, netns }, checkResult(settings.prevResult), {
    nodeLink: store.linkName(key),
    podLink: key.ifname,
  });
  await addressing.check(own.map(formatAddress));
}

/** Removes all connections but the valid ones. */
export async function collect({ node, request, store, addressing }: Tools): Promise<void> {
  const { settings } = request;
  const valid = settings['cni.dev/valid-attachments'] ?? settings['cni.dev/attachments'] ?? [];
  const isValid = ({ containerID, ifname }: AttachmentKey): boolean =>
    valid.some((one) => one.containerID === containerID && one.ifname === ifname);
  for (const key of store.list().filter((one) => !isValid(one))) {
    disconnectPod(node, store.linkName(key));
    store.close(key);
  }
  store.freeStrays(valid);
  await addressing.collect();
}

/** @throws CniError when ADD would fail now */
export async function status({ store, addressing }: Tools): Promise<void> {
  store.prepare();
  await addressing.status();
}
