import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../../kube/index.ts';
import { serviceObject } from '../testing/objects.ts';
import { withHints } from './topology-hints.ts';

const placed = { nodeName: 'node1', zone: 'east' };
const zoneHint = { forZones: [{ name: 'east' }] };

const cases: readonly {
  readonly name: string;
  readonly distribution?: string;
  readonly place?: Partial<Endpoint>;
  readonly ready?: boolean;
  readonly hints: Endpoint['hints'] | undefined;
}[] = [
  { name: 'without a distribution there are none', hints: undefined },
  { name: 'PreferClose is for the zone', distribution: 'PreferClose', hints: zoneHint },
  { name: 'PreferSameZone is for the zone', distribution: 'PreferSameZone', hints: zoneHint },
  {
    name: 'PreferSameNode is for the node, and for the zone where no node matches',
    distribution: 'PreferSameNode',
    hints: { ...zoneHint, forNodes: [{ name: 'node1' }] },
  },
  {
    name: 'a node without a zone is still a node',
    distribution: 'PreferSameNode',
    place: { nodeName: 'node1' },
    hints: { forNodes: [{ name: 'node1' }] },
  },
  {
    name: 'without a zone nothing is near',
    distribution: 'PreferClose',
    place: { nodeName: 'node1' },
    hints: undefined,
  },
  {
    name: 'an endpoint that is not ready is preferred by nobody',
    distribution: 'PreferSameNode',
    ready: false,
    hints: undefined,
  },
];

for (const { name, distribution, place = placed, ready = true, hints } of cases) {
  test(`row 27: ${name}`, () => {
    const endpoint = { addresses: ['10.244.0.1'], conditions: { ready }, ...place };
    const spec = distribution === undefined ? {} : { trafficDistribution: distribution };
    assert.deepEqual(withHints(endpoint, serviceObject('web', spec)).hints, hints);
  });
}
