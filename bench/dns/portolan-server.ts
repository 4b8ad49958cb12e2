// Portolan's DNS server alone, one process: what `cluster/` composes, over a store with the Services of the benchmark.
// Arguments: the pin of the network namespace to serve in, and the address.
import { systemClock } from '../../src/clock/index.ts';
import { createWorld } from '../../src/client/testing/world.ts';
import { startDns } from '../../src/dns/index.ts';
import {
  configMapKind,
  endpointSliceKind,
  namespaceKind,
  nodeKind,
  podKind,
  serviceKind,
} from '../../src/kube/index.ts';
import { createKernel } from '../../src/kernel/index.ts';
import { createClusterView } from '../../src/snapshot/index.ts';
import { NAMESPACES, objects } from './zone.ts';

const [netns = '', address = ''] = process.argv.slice(2);
const world = createWorld();
const { client, informers } = world;
for (const name of NAMESPACES) {
  await client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
const { services, slices } = objects();
await Promise.all(services.map((service) => client.create(serviceKind, service)));
await Promise.all(slices.map((slice) => client.create(endpointSliceKind, slice)));

const view = createClusterView({
  services: informers.of(serviceKind),
  slices: informers.of(endpointSliceKind),
  pods: informers.of(podKind),
  nodes: informers.of(nodeKind),
  namespaces: informers.of(namespaceKind),
});
informers.of(configMapKind);
await view.synced;
const dns = await startDns({
  kernel: createKernel(),
  clock: systemClock,
  nodes: [{ name: 'node-1', netns }],
  view,
  informers,
  serviceIPs: [address],
  clusterDomain: 'cluster.local',
  host: { servers: [], search: [] },
  log: (text) => console.error(text),
});
process.once('SIGTERM', () => {
  void dns.close().then(() => world.close());
});
console.log('listening');
