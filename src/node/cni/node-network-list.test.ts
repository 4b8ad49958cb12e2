import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNodeNetworkList } from './node-network-list.ts';

const share = { podCidrs: ['10.244.1.0/24', 'fd00:10:244:1::/64'], stateFolder: '/state' };

function pluginsOf(...plugins: object[]): unknown {
  const text = JSON.stringify({ cniVersion: '1.0.0', name: 'net', plugins });
  return readNodeNetworkList({ path: '/etc/cni/10-net.conflist', text }, share).plugins;
}

test('a file that all nodes share has each node’s own addresses', () => {
  const ranges = (four: string, six: string) => [[{ subnet: four }], [{ subnet: six }]];
  const bridge = (...of: [string, string]) => ({ type: 'bridge', ipam: { ranges: ranges(...of) } });
  assert.deepEqual(pluginsOf(bridge('{{.PodCIDR}}', '{{ .PodCIDR6 }}')), [
    bridge('10.244.1.0/24', 'fd00:10:244:1::/64'),
  ]);
});

test('host-local and portolan-cni remember in the node’s folder, unless told where', () => {
  const hostLocal = { type: 'host-local', subnet: '10.1.0.0/24' };
  const own = { subnet: '10.1.0.0/24' };
  const dataDir = '/state/networks';
  assert.deepEqual(
    pluginsOf(
      { type: 'bridge', ipam: hostLocal },
      { type: 'portolan-cni', ipam: own },
      { type: 'ptp', ipam: { ...hostLocal, dataDir: '/elsewhere' } },
      { type: 'ptp', ipam: { type: 'static' } },
      { type: 'portmap' },
    ),
    [
      { type: 'bridge', ipam: { ...hostLocal, dataDir } },
      { type: 'portolan-cni', ipam: { ...own, dataDir } },
      { type: 'ptp', ipam: { ...hostLocal, dataDir: '/elsewhere' } },
      { type: 'ptp', ipam: { type: 'static' } },
      { type: 'portmap' },
    ],
  );
});
