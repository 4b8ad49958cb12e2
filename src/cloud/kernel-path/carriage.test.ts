import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requireAddress, requireCidr } from '../../ip/index.ts';
import type { DesiredBalancer } from '../desired-balancer.ts';
import type { HealthStatus } from '../node-health.ts';
import { defaultSettings } from '../settings.ts';
import { carriageOf, losesNodes, type Carriage, type CheckedNode } from './carriage.ts';
import type { Frontend } from './frontend.ts';

const web: Frontend = { address: requireAddress('172.19.0.1'), protocol: 'TCP', port: 80 };
const { intervalMs, timeoutMs, healthyThreshold, unhealthyThreshold } = defaultSettings.health;
const health = {
  protocol: 'TCP',
  port: 30_080,
  path: '/',
  intervalMs,
  timeoutMs,
  healthyThreshold,
  unhealthyThreshold,
} as const;
const plain: DesiredBalancer = {
  families: [4],
  addresses: [],
  ports: [
    { name: 'web', protocol: 'TCP', port: 80, nodePort: 30_080 },
    { name: 'dns', protocol: 'UDP', port: 53, nodePort: 30_053 },
  ],
  unserved: [],
  health,
  hasAffinity: false,
  keepsSource: false,
  settings: defaultSettings,
};

function node(number: number, status: HealthStatus): CheckedNode {
  const addresses = { 4: `172.18.0.${number}`, 6: `fd00:172:18:0::${number}` };
  return { name: `node${number}`, addresses, status };
}

/** The names of the nodes that a frontend is forwarded to; `door` when it is not. */
function ways(
  desired: Partial<DesiredBalancer>,
  nodes: readonly CheckedNode[],
  frontend = web,
): string {
  const { forward } = carriageOf({ ...plain, ...desired }, frontend, nodes);
  return forward?.nodes.map(({ name }) => name).join(' ') ?? 'door';
}

describe('what the kernel carries', () => {
  const healthy = [node(1, 'healthy'), node(2, 'healthy')];
  const { draining } = defaultSettings;

  test('is every port of a plain load balancer, to its node port', () => {
    const { forward, members } = carriageOf(plain, web, healthy);
    assert.deepEqual(forward, {
      nodePort: 30_080,
      isSticky: false,
      nodes: [
        { name: 'node1', address: '172.18.0.1' },
        { name: 'node2', address: '172.18.0.2' },
      ],
    });
    assert.deepEqual([...members], ['172.18.0.1', '172.18.0.2']);
    const dns: Frontend = { ...web, protocol: 'UDP', port: 53 };
    assert.equal(carriageOf(plain, dns, healthy).forward?.nodePort, 30_053);
    assert.equal(carriageOf({ ...plain, hasAffinity: true }, web, healthy).forward?.isSticky, true);
  });

  test('goes to healthy nodes alone, and is the door’s when none is', () => {
    assert.equal(ways({}, [node(1, 'unhealthy'), node(2, 'healthy'), node(3, 'unknown')]), 'node2');
    assert.equal(ways({}, [node(1, 'unhealthy'), node(2, 'unknown')]), 'door');
    assert.equal(ways({}, []), 'door');
  });

  test('leaves datagrams with nodes not known to be sick, and with any when all are', () => {
    const home = (nodes: readonly CheckedNode[], desired = plain) =>
      [...carriageOf(desired, web, nodes).home.addresses].join(' ');
    assert.equal(home([node(1, 'unhealthy'), node(2, 'healthy')]), '172.18.0.2');
    assert.equal(home([node(1, 'unhealthy'), node(2, 'unknown')]), '172.18.0.2');
    assert.equal(home([node(1, 'unhealthy')]), '172.18.0.1');
    assert.equal(home(healthy, { ...plain, keepsSource: true }), '172.18.0.1 172.18.0.2');
  });

  test('goes to every node when nothing can be asked', () => {
    const { health: _, ...unchecked } = plain;
    const { forward } = carriageOf(unchecked, web, [node(1, 'unknown')]);
    assert.equal(forward?.nodes.length, 1);
  });

  test('is of the family of the frontend, its addresses in canonical form', () => {
    const six = { ...web, address: requireAddress('fd00:172:19::1') };
    const only4: CheckedNode = { ...node(2, 'healthy'), addresses: { 4: '172.18.0.2' } };
    const { forward, members } = carriageOf(plain, six, [node(1, 'healthy'), only4]);
    assert.deepEqual(forward?.nodes, [{ name: 'node1', address: 'fd00:172:18::1' }]);
    assert.deepEqual([...members], ['fd00:172:18::1']);
  });

  const others: readonly (readonly [what: string, desired: Partial<DesiredBalancer>])[] = [
    ['a PROXY header', { settings: { ...defaultSettings, proxyProtocol: true } }],
    ['an idle timeout', { settings: { ...defaultSettings, idleTimeoutMs: 1000 } }],
    [
      'no draining',
      { settings: { ...defaultSettings, draining: { ...draining, enabled: false } } },
    ],
    ['source ranges', { sourceRanges: [requireCidr('10.0.0.0/8')] }],
    ['ranges that are none', { sourceRanges: [] }],
    ['the client’s own address', { keepsSource: true }],
    ['a check of another port', { health: { ...health, port: 10_256 } }],
  ];
  for (const [what, desired] of others) {
    test(`with ${what} is the door’s`, () => assert.equal(ways(desired, healthy), 'door'));
  }

  test('keeps a drain time that was set', () => {
    const settings = { ...defaultSettings, draining: { enabled: true, timeoutMs: 1000 } };
    const carriage = carriageOf({ ...plain, settings }, web, healthy);
    assert.equal(carriage.draining.timeoutMs, 1000);
    assert.ok(carriage.forward);
  });
});

describe('connections may be where they should not be', () => {
  const both = [node(1, 'healthy'), node(2, 'healthy')];
  const with2 = (status: HealthStatus) =>
    carriageOf(plain, web, [node(1, 'healthy'), node(2, status)]);
  const all = carriageOf(plain, web, both);
  const ports = [{ name: '', protocol: 'TCP', port: 80, nodePort: 30_080 }] as const;
  const moved = ports.map((port) => ({ ...port, nodePort: 30_081 }));
  const health2 = { ...health, port: 30_081 };
  const cases: readonly (readonly [string, Carriage, Carriage, boolean])[] = [
    ['when a node falls sick', all, with2('unhealthy'), true],
    ['when a node leaves', with2('unhealthy'), carriageOf(plain, web, both.slice(0, 1)), true],
    [
      'when the node port is another',
      all,
      carriageOf({ ...plain, ports: moved, health: health2 }, web, both),
      true,
    ],
    ['when the door takes over', all, carriageOf({ ...plain, keepsSource: true }, web, both), true],
    ['not when a node recovers', with2('unhealthy'), all, false],
    ['not when a node comes', carriageOf(plain, web, both.slice(0, 1)), all, false],
    ['not when nothing changes', all, carriageOf(plain, web, both), false],
  ];
  for (const [what, before, after, expected] of cases) {
    test(what, () => assert.equal(losesNodes(before, after), expected));
  }
});
