import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFields } from '../schema/check-fields.ts';
import { cells, defaulted, fieldErrors } from '../testing/kind-checks.ts';
import { networkPolicyKind } from './network-policy.ts';

const peer = (ipBlock: object, others: object = {}): object => ({
  spec: { podSelector: {}, ingress: [{ from: [{ ipBlock, ...others }] }] },
});
const port = (...ports: object[]): object => ({ spec: { podSelector: {}, egress: [{ ports }] } });

test('policy types follow the rules that are there', () => {
  const types = (spec: object): unknown => defaulted(networkPolicyKind, { spec }).spec.policyTypes;
  assert.deepEqual(types({ podSelector: {} }), ['Ingress']);
  assert.deepEqual(types({ egress: [] }), ['Ingress']);
  assert.deepEqual(types({ egress: [{}] }), ['Ingress', 'Egress']);
  assert.deepEqual(types({ egress: [{}], policyTypes: ['Egress'] }), ['Egress']);
});

test('ports are TCP when they do not say', () => {
  const policy = defaulted(networkPolicyKind, port({ port: 53 }, { port: 53, protocol: 'UDP' }));
  assert.deepEqual(policy.spec.egress?.[0]?.ports, [
    { port: 53, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
  ]);
});

const from = 'spec.ingress[0].from[0]';
const at = 'spec.egress[0].ports[0]';

const failures: readonly (readonly [parts: object, error: string])[] = [
  [
    peer({ cidr: '10.0.0.0/99' }),
    `${from}.ipBlock.cidr: Invalid value: "10.0.0.0/99": not a valid CIDR`,
  ],
  [peer({}), `${from}.ipBlock.cidr: Required value`],
  [
    peer({ cidr: '10.0.0.0/8', except: ['11.0.0.0/24'] }),
    `${from}.ipBlock.except[0]: Invalid value: "11.0.0.0/24": must be a strict subset of \`cidr\``,
  ],
  [
    peer({ cidr: '10.0.0.0/8', except: ['10.0.0.0/8'] }),
    `${from}.ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of \`cidr\``,
  ],
  [
    peer({ cidr: '10.0.0.0/8' }, { podSelector: {} }),
    `${from}: Forbidden: may not specify both ipBlock and another peer`,
  ],
  [{ spec: { ingress: [{ from: [{}] }] } }, `${from}: Required value: must specify a peer`],
  [port({ port: 0 }), `${at}.port: Invalid value: 0: must be between 1 and 65535, inclusive`],
  [
    port({ port: 80, endPort: 79 }),
    `${at}.endPort: Invalid value: 79: must be greater than or equal to \`port\``,
  ],
  [
    port({ port: 'http', endPort: 79 }),
    `${at}.endPort: Invalid value: 79: may not be specified when \`port\` is non-numeric`,
  ],
  [
    port({ endPort: 79 }),
    `${at}.endPort: Invalid value: 79: may not be specified when \`port\` is not specified`,
  ],
  [
    port({ protocol: 'ICMP' }),
    `${at}.protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`,
  ],
  [
    { spec: { policyTypes: ['All'] } },
    'spec.policyTypes[0]: Unsupported value: "All": supported values: "Egress", "Ingress"',
  ],
  [
    { spec: { podSelector: { matchLabels: { '-': 'a' } } } },
    `spec.podSelector.matchLabels: Invalid value: "-": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  ],
];

for (const [parts, error] of failures) {
  test(error, () => assert.deepEqual(fieldErrors(networkPolicyKind, parts), [error]));
}

test('both families and a strict exception are fine', () => {
  assert.deepEqual(
    fieldErrors(networkPolicyKind, peer({ cidr: '0.0.0.0/0', except: ['10.244.0.7/32'] })),
    [],
  );
  assert.deepEqual(
    fieldErrors(networkPolicyKind, peer({ cidr: 'fd00::/8', except: ['fd00:1::/32'] })),
    [],
  );
});

test('the selector is a column', () => {
  const spec = { podSelector: { matchLabels: { app: 'nginx' } } };
  assert.equal(cells(networkPolicyKind, { spec })['Pod-Selector'], 'app=nginx');
  assert.equal(cells(networkPolicyKind, { spec: { podSelector: {} } })['Pod-Selector'], '<none>');
});

test('has no status (row 52)', () => {
  assert.equal(networkPolicyKind.hasStatus, false);
  const policy = { spec: { podSelector: {} }, status: {} };
  assert.deepEqual(
    checkFields(networkPolicyKind.schema, policy).map(({ message }) => message),
    ['unknown field "status"'],
  );
});
