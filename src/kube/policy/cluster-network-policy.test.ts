import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaulted, fieldErrors, row } from '../testing/kind-checks.ts';
import { clusterNetworkPolicyKind } from './cluster-network-policy.ts';

type Parts = Record<string, unknown>;

const accept = { action: 'Accept', to: [{ namespaces: {} }] };

const policy = (parts: Parts): Parts => ({
  spec: { tier: 'Admin', priority: 10, subject: { namespaces: {} }, ...parts },
});
const errors = (parts: Parts): string[] => fieldErrors(clusterNetworkPolicyKind, policy(parts));
const egress = (parts: Parts): string[] => errors({ egress: [{ ...accept, ...parts }] });
const many = <T>(item: T): T[] => Array.from({ length: 26 }, () => item);

test('the policies of the proposal are valid', () => {
  const dns = { namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } };
  assert.deepEqual(
    errors({
      subject: { pods: { podSelector: {} } },
      ingress: [{ name: 'all-from-monitoring', action: 'Pass', from: [{ pods: dns }] }],
      egress: [
        { action: 'Accept', to: [{ pods: dns }], protocols: [{ destinationNamedPort: 'dns' }] },
        { action: 'Accept', to: [{ domainNames: ['*.kubernetes.io', 'example.com'] }] },
        { action: 'Deny', to: [{ networks: ['10.0.0.0/8', 'fd00::/8'] }, { nodes: {} }] },
        {
          action: 'Deny',
          to: [{ namespaces: {} }],
          protocols: [
            { tcp: { destinationPort: { number: 80 } } },
            { udp: { destinationPort: { range: { start: 1, end: 65_535 } } } },
            { sctp: { destinationPort: { number: 9003 } } },
          ],
        },
      ],
    }),
    [],
  );
});

test('tier, priority and subject are required', () => {
  assert.deepEqual(fieldErrors(clusterNetworkPolicyKind, { spec: {} }), [
    'spec.tier: Required value',
    'spec.priority: Required value',
    'spec.subject: Required value',
  ]);
  assert.deepEqual(fieldErrors(clusterNetworkPolicyKind, {}), ['spec: Required value']);
});

test('tiers and actions are few, and priorities end at 1000', () => {
  assert.deepEqual(errors({ tier: 'Namespace' }), [
    'spec.tier: Unsupported value: "Namespace": supported values: "Admin", "Baseline"',
  ]);
  assert.deepEqual(egress({ action: 'Allow' }), [
    'spec.egress[0].action: Unsupported value: "Allow": supported values: "Accept", "Deny", "Pass"',
  ]);
  for (const [priority, rule] of [
    [-1, 'greater than or equal to 0'],
    [1001, 'less than or equal to 1000'],
  ] as const) {
    assert.deepEqual(errors({ priority }), [
      `spec.priority: Invalid value: ${priority}: spec.priority in body should be ${rule}`,
    ]);
  }
  assert.deepEqual([...errors({ priority: 0 }), ...errors({ priority: 1000 })], []);
});

test('no list has more than 25 items', () => {
  const tooMany = (path: string): string[] => [`${path}: Too many: 26: must have at most 25 items`];
  assert.deepEqual(errors({ egress: many(accept) }), tooMany('spec.egress'));
  const ingress = { action: 'Accept', from: [{ namespaces: {} }] };
  assert.deepEqual(errors({ ingress: many(ingress) }), tooMany('spec.ingress'));
  assert.deepEqual(egress({ to: many({ namespaces: {} }) }), tooMany('spec.egress[0].to'));
  assert.deepEqual(
    egress({ protocols: many({ destinationNamedPort: 'web' }) }),
    tooMany('spec.egress[0].protocols'),
  );
  const networks = many(0).map((_, at) => `10.${at}.0.0/16`);
  assert.deepEqual(egress({ to: [{ networks }] }), tooMany('spec.egress[0].to[0].networks'));
});

test('peers, subjects, protocols and ports are exactly one thing', () => {
  const none = (path: string): string =>
    `${path}: Invalid value: 0: ${path} in body should have at least 1 properties`;
  const two = (path: string): string => `${path}: Too many: 2: must have at most 1 items`;
  const both = { namespaces: {}, nodes: {} };
  assert.deepEqual(egress({ to: [{}] }), [none('spec.egress[0].to[0]')]);
  assert.deepEqual(egress({ to: [both] }), [two('spec.egress[0].to[0]')]);
  assert.deepEqual(errors({ subject: {} }), [none('spec.subject')]);
  const protocol = 'spec.egress[0].protocols[0]';
  assert.deepEqual(egress({ protocols: [{}] }), [none(protocol)]);
  assert.deepEqual(egress({ protocols: [{ tcp: {} }] }), [none(`${protocol}.tcp`)]);
  const destinationPort = { number: 80, range: { start: 1, end: 2 } };
  assert.deepEqual(egress({ protocols: [{ tcp: { destinationPort } }] }), [
    two(`${protocol}.tcp.destinationPort`),
  ]);
  assert.match(egress({ to: [] }).join(), /should have at least 1 items/);
});

test('a peer that this version does not know is no peer', () => {
  const future = policy({ egress: [{ ...accept, to: [{ services: {} }] }] });
  assert.deepEqual(
    clusterNetworkPolicyKind.structural?.checkFields(future).map(({ message }) => message),
    ['unknown field "spec.egress[0].to[0].services"'],
  );
  assert.deepEqual(defaulted(clusterNetworkPolicyKind, future).spec.egress?.[0]?.to, [{}]);
  assert.match(fieldErrors(clusterNetworkPolicyKind, future).join(), /at least 1 properties/);
});

test('networks are CIDRs, ranges rise, selectors are selectors', () => {
  assert.deepEqual(egress({ to: [{ networks: ['10.0.0.0/33'] }] }), [
    'spec.egress[0].to[0].networks[0]: Invalid value: "10.0.0.0/33": Invalid CIDR format provided',
  ]);
  assert.match(egress({ to: [{ networks: ['::/0', '::/0'] }] }).join(), /Duplicate value: "::\/0"/);
  const falling = { tcp: { destinationPort: { range: { start: 80, end: 80 } } } };
  assert.deepEqual(egress({ protocols: [falling] }), [
    'spec.egress[0].protocols[0].tcp.destinationPort.range: Invalid value: "object": Start port must be less than End port',
  ]);
  const odd = { matchExpressions: [{ key: 'a', operator: 'Like' }] };
  assert.match(errors({ subject: { namespaces: odd } }).join(), /not a valid selector operator/);
});

test('what has no pods has no named ports', () => {
  for (const peer of [{ networks: ['::/0'] }, { nodes: {} }, { domainNames: ['a.example'] }]) {
    assert.match(
      egress({ to: [peer], protocols: [{ destinationNamedPort: 'web' }] }).join(),
      /^spec\.egress\[0\]: .* cannot be set with namedPorts/,
    );
  }
});

test('domain names are for egress that is accepted', () => {
  assert.match(
    egress({ action: 'Deny', to: [{ domainNames: ['a.example'] }] }).join(),
    /^spec\.egress\[0\]\.to\[0\]\.domainNames: Forbidden: .* action Accept only/,
  );
  for (const name of ['localhost', '*', 'a.*.example', 'www*.example.com']) {
    assert.match(egress({ to: [{ domainNames: [name] }] }).join(), /should match/, name);
  }
  const ingress = [{ action: 'Accept', from: [{ domainNames: ['a.example'] }] }];
  assert.match(errors({ ingress }).join(), /at least 1 properties/);
});

test('columns and status', () => {
  assert.equal(row(clusterNetworkPolicyKind, policy({})), 'Admin | 10');
  const object = defaulted(clusterNetworkPolicyKind, policy({}));
  object.status = { conditions: [] };
  clusterNetworkPolicyKind.prepareCreate?.(object);
  assert.equal(object.status, undefined);
});
