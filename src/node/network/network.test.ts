import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { formatAddress } from '../../ip/index.ts';
import { createKernel, type Kernel } from '../../kernel/index.ts';
import { AddressPool } from './address-pool.ts';
import { defaultBlocks, nodeAddresses } from './addresses.ts';
import { Fabric } from './fabric.ts';
import { VethPodNetwork } from './pod-network.ts';

interface TestPod {
  readonly netns: string;
  readonly ips: readonly string[];
}

describe('the network of a cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-net-'));
  const kernel: Kernel = createKernel();
  const pins: string[] = [];
  let fabric: Fabric;
  const networks: VethPodNetwork[] = [];
  const pools: AddressPool[] = [];
  const pin = (name: string): string => {
    const path = join(folder, name);
    pins.push(path);
    return path;
  };

  before(() => {
    const paths = { fabric: pin('fabric'), nodePin: (name: string) => join(folder, name) };
    fabric = new Fabric({ kernel, blocks: defaultBlocks, paths, isAdopted: false });
    for (const ordinal of [1, 2]) {
      const addresses = nodeAddresses(defaultBlocks, ordinal);
      const { netns } = fabric.addNode(`node${ordinal}`, addresses);
      pins.push(netns);
      networks.push(new VethPodNetwork(kernel, netns));
      pools.push(new AddressPool(addresses.podCidrs));
    }
  });

  after(() => {
    for (const network of networks) network.close();
    fabric.close();
    for (const path of pins) kernel.deleteNamespace(path);
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    rmSync(folder, { recursive: true });
    assert.ok(!mounts.includes(folder), 'pins are left mounted');
  });

  async function addPod(node: 0 | 1, uid: string): Promise<TestPod> {
    const netns = pin(uid);
    kernel.createNetworkNamespace(netns);
    const addresses = pools[node]?.take(uid) ?? [];
    await networks[node]?.attach({ uid, addresses }, netns);
    return { netns, ips: addresses.map(formatAddress) };
  }

  function ping(from: string, to: string): boolean {
    const args = ['ping', '-c', '1', '-W', '2', to];
    const { status } = kernel.inNamespace(from, () => spawnSync('/bin/busybox', args));
    return status === 0;
  }

  test('pods reach pods of the same and of other nodes, nodes and the outside, in both families', async () => {
    const a = await addPod(0, 'pod-a');
    const b = await addPod(0, 'pod-b');
    const c = await addPod(1, 'pod-c');
    assert.deepEqual(a.ips, ['10.244.0.2', 'fd00:10:244::2']);
    assert.deepEqual(c.ips, ['10.244.1.2', 'fd00:10:244:1::2']);
    for (const to of [
      ...b.ips,
      ...c.ips,
      '172.18.0.2',
      '172.18.0.3',
      'fd00:172:18::3',
      '172.18.0.1',
    ]) {
      assert.ok(ping(a.netns, to), `${a.ips[0]} does not reach ${to}`);
    }
    assert.ok(ping(fabric.netns, c.ips[0] ?? ''), 'the outside does not reach a pod');
  });

  test('a detached pod is gone from its node, and detaching twice is harmless', async () => {
    const pod = await addPod(0, 'pod-d');
    await networks[0]?.detach({ uid: 'pod-d' });
    await networks[0]?.detach({ uid: 'pod-d' });
    assert.ok(!ping(fabric.netns, pod.ips[0] ?? ''));
  });
});

describe('AddressPool', () => {
  const [v4] = nodeAddresses(defaultBlocks, 1).podCidrs;
  if (v4 === undefined) throw new TypeError('no block');

  test('gives rising addresses, and freed ones only after a round', () => {
    const pool = new AddressPool([v4]);
    const first = pool.take('a').map(formatAddress);
    pool.release('a');
    assert.deepEqual(first, ['10.244.0.2']);
    assert.deepEqual(pool.take('b').map(formatAddress), ['10.244.0.3']);
  });

  test('restored addresses are not given again', () => {
    const pool = new AddressPool([v4]);
    pool.restore('old', '10.244.0.2');
    assert.deepEqual(pool.take('new').map(formatAddress), ['10.244.0.3']);
    assert.deepEqual(pool.take('old').map(formatAddress), ['10.244.0.2']);
  });

  test('a full block says so', () => {
    const pool = new AddressPool([v4]);
    for (let number = 2; number <= 254; number += 1) pool.take(String(number));
    assert.throws(() => pool.take('one more'), { code: 'NO_POD_ADDRESS_LEFT' });
  });
});
