import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cells } from '../testing/kind-checks.ts';
import type { ServiceSpec } from './service-types.ts';
import { serviceKind } from './service.ts';

const web: ServiceSpec = { ports: [{ port: 80 }], selector: { app: 'web' } };

describe('kubectl get services', () => {
  const address = { clusterIP: '10.98.88.33', clusterIPs: ['10.98.88.33'] };
  const node = { ports: [{ port: 80, nodePort: 32_427 }] };
  const cases: readonly [row: string, spec: ServiceSpec, status?: object][] = [
    ['ClusterIP None <none> 80/TCP', { ...web, clusterIP: 'None', clusterIPs: ['None'] }],
    [
      'LoadBalancer 10.98.88.33 <pending> 80:32427/TCP',
      { ...address, ...node, type: 'LoadBalancer' },
    ],
    [
      'LoadBalancer 10.98.88.33 127.19.0.1 80:32427/TCP',
      { ...address, ...node, type: 'LoadBalancer' },
      { loadBalancer: { ingress: [{ ip: '127.19.0.1' }] } },
    ],
    [
      'LoadBalancer 10.98.88.33 a-long-name.lb.example.com,192.0.2.1 80:32427/TCP',
      { ...address, ...node, type: 'LoadBalancer', externalIPs: ['192.0.2.1'] },
      { loadBalancer: { ingress: [{ hostname: 'a-long-name.lb.example.com' }] } },
    ],
    [
      'ExternalName <none> db.example.com <none>',
      { type: 'ExternalName', externalName: 'db.example.com' },
    ],
    ['NodePort 10.98.88.33 <none> 80:32427/TCP', { ...address, ...node, type: 'NodePort' }],
    [
      'ClusterIP 10.98.88.33 192.0.2.1,192.0.2.2 53/UDP,53/TCP',
      {
        ...address,
        externalIPs: ['192.0.2.1', '192.0.2.2'],
        ports: [
          { name: 'a', port: 53, protocol: 'UDP' },
          { name: 'b', port: 53 },
        ],
      },
    ],
  ];
  for (const [row, spec, status] of cases) {
    test(row, () => {
      const shown = cells(serviceKind, { spec, ...(status === undefined ? {} : { status }) });
      const columns = ['Type', 'Cluster-IP', 'External-IP', 'Port(s)'];
      assert.equal(columns.map((name) => shown[name]).join(' '), row);
    });
  }

  test('-o wide names the selector', () => {
    assert.equal(cells(serviceKind, { spec: web })['Selector'], 'app=web');
    assert.equal(cells(serviceKind, { spec: {} })['Selector'], '<none>');
  });
});
