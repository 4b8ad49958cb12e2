import { describe } from 'node:test';
import {
  dying,
  local,
  remote,
  service,
  slice,
  terminating,
  testRows,
  unready,
} from './testing/judging.ts';

describe('which endpoints a policy leaves', () => {
  testRows([
    {
      row: '25: terminating endpoints serve when none is ready, never those that stopped serving',
      service: service(),
      slices: [
        slice([
          local('10.1.0.1', terminating),
          remote('10.1.0.2', dying),
          remote('10.1.0.3', unready),
        ]),
      ],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 TERMINATING_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '25: one ready endpoint ends the fallback',
      service: service(),
      slices: [slice([local('10.1.0.1', terminating), remote('10.1.0.2')])],
      captures: ['ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.2:8080 READY_ENDPOINTS off-cluster'],
    },
    {
      row: '25: each policy falls back in its own scope',
      service: service({ internalTrafficPolicy: 'Local' }),
      slices: [slice([local('10.1.0.1', terminating), remote('10.1.0.2')])],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 TERMINATING_LOCAL_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '26: publishNotReadyAddresses shows as ready in the slice, and counts as that even while terminating',
      service: service({ publishNotReadyAddresses: true }),
      slices: [
        slice([
          local('10.1.0.1', { conditions: { ready: true, serving: false, terminating: true } }),
        ]),
      ],
      captures: ['ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 READY_ENDPOINTS off-cluster'],
    },
    {
      row: '27: zone hints are followed when every endpoint has one',
      service: service({ trafficDistribution: 'PreferSameZone' }),
      slices: [
        slice([
          local('10.1.0.1', { hints: { forZones: [{ name: 'a' }] } }),
          remote('10.1.0.2', { hints: { forZones: [{ name: 'b' }] } }),
        ]),
      ],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 HINTED_ZONE_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '27: node hints win over zone hints',
      service: service({ trafficDistribution: 'PreferSameNode' }),
      slices: [
        slice([
          local('10.1.0.1', {
            hints: { forZones: [{ name: 'a' }], forNodes: [{ name: 'node-9' }] },
          }),
          local('10.1.0.2', {
            hints: { forZones: [{ name: 'a' }], forNodes: [{ name: 'node-1' }] },
          }),
        ]),
      ],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.2:8080 HINTED_NODE_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '27: one endpoint without a hint switches hints off',
      service: service({ trafficDistribution: 'PreferSameZone' }),
      slices: [
        slice([local('10.1.0.1', { hints: { forZones: [{ name: 'a' }] } }), remote('10.1.0.2')]),
      ],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 10.1.0.2:8080 READY_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '27: hints for other zones only are ignored',
      service: service({ trafficDistribution: 'PreferSameZone' }),
      slices: [slice([remote('10.1.0.2', { hints: { forZones: [{ name: 'b' }] } })])],
      captures: ['ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.2:8080 READY_ENDPOINTS off-cluster'],
    },
    {
      row: '20 before 27: a Local policy does not read hints',
      service: service({ internalTrafficPolicy: 'Local', trafficDistribution: 'PreferSameZone' }),
      slices: [slice([local('10.1.0.1', { hints: { forZones: [{ name: 'b' }] } })])],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 READY_LOCAL_ENDPOINTS off-cluster',
      ],
    },
  ]);
});
