import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Capture, ServiceObject } from './contract.ts';
import { judgeService } from './judge.ts';
import {
  dying,
  local,
  remote,
  service,
  slice,
  terminating,
  testRows,
  two,
  unready,
  vantage,
} from './testing/judging.ts';

/** Rows of the Services table in the specification. */
describe('judgeService', () => {
  testRows([
    {
      row: '1: a ClusterIP goes to every ready endpoint; sources outside the cluster are masqueraded',
      service: service(),
      slices: two,
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 10.1.0.2:8080 READY_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '3: no endpoints at all reject, whatever the policy',
      service: service({
        type: 'NodePort',
        ports: [{ port: 80, nodePort: 30080 }],
        externalTrafficPolicy: 'Local',
        internalTrafficPolicy: 'Local',
      }),
      slices: [slice([remote('10.1.0.2', unready), remote('10.1.0.3', dying)])],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: reject NO_ENDPOINTS',
        'NodePort 172.18.0.2 TCP 30080: reject NO_ENDPOINTS',
      ],
    },
    {
      row: '4: external policy Local with endpoints only elsewhere drops; from inside it is served',
      service: service({
        type: 'NodePort',
        ports: [{ port: 80, nodePort: 30080 }],
        externalTrafficPolicy: 'Local',
      }),
      slices: [slice([remote('10.1.0.2')])],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.2:8080 READY_ENDPOINTS off-cluster',
        'NodePort 172.18.0.2 TCP 30080: drop NO_LOCAL_ENDPOINTS; internal forward 10.1.0.2:8080 READY_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '5: a NodePort answers on the first address of the node, masqueraded (22)',
      service: service({
        type: 'NodePort',
        ports: [{ port: 80, nodePort: 30080, protocol: 'UDP' }],
      }),
      slices: [slice([remote('10.1.0.2')], { ports: [{ name: '', protocol: 'UDP', port: 53 }] })],
      captures: [
        'ClusterIP 10.96.0.1 UDP 80: forward 10.1.0.2:53 READY_ENDPOINTS off-cluster',
        'NodePort 172.18.0.2 UDP 30080: forward 10.1.0.2:53 READY_ENDPOINTS always',
      ],
    },
    {
      row: '5: a nodePort left over on a ClusterIP Service is none',
      service: service({ type: 'ClusterIP', ports: [{ port: 80, nodePort: 30080 }] }),
      slices: two,
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 10.1.0.2:8080 READY_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '8 and 9: a load balancer address is captured in mode VIP, not in mode Proxy, and hostnames never',
      service: service(
        { type: 'LoadBalancer' },
        {
          status: {
            loadBalancer: {
              ingress: [
                { ip: '172.18.9.1' },
                { ip: '172.18.9.2', ipMode: 'VIP' },
                { ip: '172.18.9.3', ipMode: 'Proxy' },
                { hostname: 'lb.example' },
              ],
            },
          },
        },
      ),
      slices: [slice([local('10.1.0.1')])],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 READY_ENDPOINTS off-cluster',
        'LoadBalancerIP 172.18.9.1 TCP 80: forward 10.1.0.1:8080 READY_ENDPOINTS always',
        'LoadBalancerIP 172.18.9.2 TCP 80: forward 10.1.0.1:8080 READY_ENDPOINTS always',
      ],
    },
    {
      row: '15: external IPs are captured',
      service: service({ externalIPs: ['192.0.2.1', 'fd00::9'] }),
      slices: [slice([local('10.1.0.1')])],
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 READY_ENDPOINTS off-cluster',
        'ExternalIP 192.0.2.1 TCP 80: forward 10.1.0.1:8080 READY_ENDPOINTS always',
      ],
    },
    {
      row: '20: internal policy Local goes to endpoints of this node only',
      service: service({ internalTrafficPolicy: 'Local' }),
      slices: two,
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 READY_LOCAL_ENDPOINTS off-cluster',
      ],
    },
    {
      row: '20: internal policy Local without local endpoints drops',
      service: service({ internalTrafficPolicy: 'Local' }),
      slices: [slice([remote('10.1.0.2')])],
      captures: ['ClusterIP 10.96.0.1 TCP 80: drop NO_LOCAL_ENDPOINTS'],
    },
    {
      row: '21: external policy Local keeps the source; from inside all endpoints serve',
      service: service({ externalTrafficPolicy: 'Local', externalIPs: ['192.0.2.1'] }),
      slices: two,
      captures: [
        'ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 10.1.0.2:8080 READY_ENDPOINTS off-cluster',
        'ExternalIP 192.0.2.1 TCP 80: forward 10.1.0.1:8080 READY_LOCAL_ENDPOINTS never; internal forward 10.1.0.1:8080 10.1.0.2:8080 READY_ENDPOINTS off-cluster',
      ],
    },
  ]);
});

describe('judgeService skips', () => {
  const labelled = (label: string): ServiceObject =>
    service({}, { metadata: { namespace: 'default', name: 'web', labels: { [label]: '' } } });
  const skips = [
    ['row 16: an ExternalName', service({ type: 'ExternalName', clusterIP: '' }), 'EXTERNAL_NAME'],
    ['row 17: a headless Service', service({ clusterIP: 'None' }), 'HEADLESS'],
    ['row 17: the headless label', labelled('service.kubernetes.io/headless'), 'HEADLESS_LABEL'],
    ['row 18: another proxy', labelled('service.kubernetes.io/service-proxy-name'), 'OTHER_PROXY'],
    ['a Service that has no address yet', service({ clusterIP: '' }), 'NO_CLUSTER_IP'],
  ] as const;
  for (const [name, subject, skipped] of skips) {
    test(name, () =>
      assert.deepEqual(judgeService(subject, two, vantage), { captures: [], skipped }),
    );
  }
});

describe('judgeService carries', () => {
  const only = (subject: ServiceObject): Capture | undefined =>
    judgeService(subject, two, vantage).captures[0];

  test('row 19: session affinity, with its default time-out', () => {
    assert.deepEqual(only(service({ sessionAffinity: 'ClientIP' }))?.affinity, {
      kind: 'ClientIP',
      timeoutSeconds: 10_800,
    });
    const config = { clientIP: { timeoutSeconds: 5 } };
    const short = service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: config });
    assert.equal(only(short)?.affinity?.timeoutSeconds, 5);
    assert.equal(only(service())?.affinity, undefined);
  });

  test('row 29: the endpoints that open connections may stay with: all that still answer', () => {
    const slices = [
      slice([
        local('10.1.0.1'),
        remote('10.1.0.2', terminating),
        local('10.1.0.3', dying),
        local('10.1.0.4', unready),
      ]),
    ];
    const subject = service({ internalTrafficPolicy: 'Local' });
    const [capture] = judgeService(subject, slices, vantage).captures;
    assert.deepEqual(
      capture?.serving.map(({ ip }) => ip),
      ['10.1.0.1', '10.1.0.2'],
    );
  });

  test('the name of the Service port', () => {
    const subject = service({ ports: [{ name: 'http', port: 80 }] });
    assert.equal(only(subject)?.servicePort, 'default/web:http');
    assert.equal(only(service())?.servicePort, 'default/web:');
  });
});
