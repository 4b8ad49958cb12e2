import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Capture, ServiceObject, SliceObject, Vantage, Verdict } from './contract.ts';
import { judgeService } from './judge.ts';

const vantage: Vantage = {
  nodeName: 'node-1',
  nodeIPs: ['172.18.0.2', '172.18.1.2', 'fd00::2'],
  zone: 'a',
};

type Spec = ServiceObject['spec'];
type SliceEndpoint = SliceObject['endpoints'][number];

function service(spec: Spec = {}, rest: Partial<ServiceObject> = {}): ServiceObject {
  return {
    metadata: { namespace: 'default', name: 'web' },
    spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }], ...spec },
    ...rest,
  };
}

function slice(endpoints: SliceEndpoint[], rest: Partial<SliceObject> = {}): SliceObject {
  return {
    metadata: { name: 'web-1' },
    addressType: 'IPv4',
    ports: [{ name: '', protocol: 'TCP', port: 8080 }],
    endpoints,
    ...rest,
  };
}

const local = (ip: string, rest: Partial<SliceEndpoint> = {}): SliceEndpoint => ({
  addresses: [ip],
  nodeName: 'node-1',
  zone: 'a',
  conditions: { ready: true },
  ...rest,
});
const remote = (ip: string, rest: Partial<SliceEndpoint> = {}): SliceEndpoint =>
  local(ip, { nodeName: 'node-2', zone: 'b', ...rest });

const terminating = { conditions: { ready: false, serving: true, terminating: true } };
const dying = { conditions: { ready: false, serving: false, terminating: true } };
const unready = { conditions: { ready: false, serving: false, terminating: false } };

/** `forward 10.1.0.1:8080 READY_ENDPOINTS off-cluster`, `reject NO_ENDPOINTS` */
function verdictText(verdict: Verdict | undefined): string | undefined {
  if (verdict?.action !== 'forward') return verdict && `${verdict.action} ${verdict.reason}`;
  const endpoints = verdict.endpoints.map(({ ip, port }) =>
    ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`,
  );
  return ['forward', ...endpoints, verdict.reason, verdict.masquerade].join(' ');
}

function captureText(capture: Capture): string {
  const { frontend, ip, port, protocol, verdict, internal } = capture;
  const inside = internal === undefined ? '' : `; internal ${verdictText(internal)}`;
  return `${frontend} ${ip} ${protocol} ${port}: ${verdictText(verdict)}${inside}`;
}

interface Row {
  readonly row: string;
  readonly service: ServiceObject;
  readonly slices?: readonly SliceObject[];
  readonly vantage?: Vantage;
  readonly captures: readonly string[];
}

const two = [slice([local('10.1.0.1'), remote('10.1.0.2')])];

/** Rows of the Services table in the specification; each verdict with its reason. */
const rows: readonly Row[] = [
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
    service: service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080, protocol: 'UDP' }] }),
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
        local('10.1.0.1', { hints: { forZones: [{ name: 'a' }], forNodes: [{ name: 'node-9' }] } }),
        local('10.1.0.2', { hints: { forZones: [{ name: 'a' }], forNodes: [{ name: 'node-1' }] } }),
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
  {
    row: '28: a named port means what each slice says, and one number serves TCP and UDP',
    service: service({
      ports: [
        { name: 'dns', port: 53, targetPort: 'dns', protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, targetPort: 'dns' },
      ],
    }),
    slices: [
      slice([local('10.1.0.1')], {
        ports: [
          { name: 'dns', protocol: 'UDP', port: 5353 },
          { name: 'dns-tcp', protocol: 'TCP', port: 5353 },
        ],
      }),
      slice([local('10.1.0.2')], {
        metadata: { name: 'web-2' },
        ports: [
          { name: 'dns', protocol: 'UDP', port: 53 },
          { name: 'dns-tcp', protocol: 'TCP', port: 53 },
        ],
      }),
    ],
    captures: [
      'ClusterIP 10.96.0.1 UDP 53: forward 10.1.0.1:5353 10.1.0.2:53 READY_ENDPOINTS off-cluster',
      'ClusterIP 10.96.0.1 TCP 53: forward 10.1.0.1:5353 10.1.0.2:53 READY_ENDPOINTS off-cluster',
    ],
  },
  {
    row: '28: a port of another name or protocol in the slices is not this one',
    service: service({ ports: [{ name: 'web', port: 80 }] }),
    slices: [slice([local('10.1.0.1')], { ports: [{ name: 'web', protocol: 'UDP', port: 80 }] })],
    captures: ['ClusterIP 10.96.0.1 TCP 80: reject NO_ENDPOINTS'],
  },
  {
    row: '33: families stand alone: one may have endpoints when the other has none; FQDN slices are ignored',
    service: service({ clusterIPs: ['10.96.0.1', 'fd00:10:96::1'], ipFamilies: ['IPv4', 'IPv6'] }),
    slices: [
      slice([local('fd00:10:244::1')], { addressType: 'IPv6' }),
      slice([local('web.example')], { addressType: 'FQDN' }),
    ],
    captures: [
      'ClusterIP 10.96.0.1 TCP 80: reject NO_ENDPOINTS',
      'ClusterIP fd00:10:96::1 TCP 80: forward [fd00:10:244::1]:8080 READY_ENDPOINTS off-cluster',
    ],
  },
  {
    row: '33: addresses are told by their family, however they are written',
    service: service({
      clusterIP: 'FD00:10:96:0:0::1',
      type: 'NodePort',
      ports: [{ port: 80, nodePort: 30080 }],
    }),
    slices: [slice([local('fd00:10:244:0::1')], { addressType: 'IPv6' })],
    captures: [
      'ClusterIP fd00:10:96::1 TCP 80: forward [fd00:10:244::1]:8080 READY_ENDPOINTS off-cluster',
      'NodePort fd00::2 TCP 30080: forward [fd00:10:244::1]:8080 READY_ENDPOINTS always',
    ],
  },
  {
    row: '34: an endpoint in two slices counts once, and its more usable state counts',
    service: service(),
    slices: [
      slice([local('10.1.0.1', unready)]),
      slice([local('10.1.0.1')]),
      slice([local('10.1.0.1', dying)]),
    ],
    captures: ['ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 READY_ENDPOINTS off-cluster'],
  },
  {
    row: '34: conditions that a slice leaves out mean ready',
    service: service(),
    slices: [slice([{ addresses: ['10.1.0.1'] }])],
    captures: ['ClusterIP 10.96.0.1 TCP 80: forward 10.1.0.1:8080 READY_ENDPOINTS off-cluster'],
  },
];

describe('judgeService, rows of the Services table', () => {
  for (const { row, service, slices = [], vantage: from = vantage, captures } of rows) {
    test(`row ${row}`, () => {
      assert.deepEqual(judgeService(service, slices, from).captures.map(captureText), captures);
    });
  }
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

  test('row 11: source ranges, on load balancer addresses only', () => {
    const subject = service(
      {
        type: 'LoadBalancer',
        loadBalancerSourceRanges: [' 192.0.2.0/24'],
        ports: [{ port: 80, nodePort: 30080 }],
      },
      { status: { loadBalancer: { ingress: [{ ip: '172.18.9.1' }] } } },
    );
    const seen = judgeService(subject, two, vantage).captures.map(({ frontend, sourceRanges }) => [
      frontend,
      sourceRanges,
    ]);
    assert.deepEqual(seen, [
      ['ClusterIP', undefined],
      ['LoadBalancerIP', ['192.0.2.0/24']],
      ['NodePort', undefined],
    ]);
  });

  test('the name of the Service port', () => {
    const subject = service({ ports: [{ name: 'http', port: 80 }] });
    assert.equal(only(subject)?.servicePort, 'default/web:http');
    assert.equal(only(service())?.servicePort, 'default/web:');
  });
});
