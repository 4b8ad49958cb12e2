import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StreamedFlow } from '../cluster/index.ts';
import { isKnown, isWanted } from './flow-filter.ts';
import { FlowTable } from './flow-table.ts';

type Dropped = Extract<StreamedFlow, { verdict: 'dropped' }>;

const api = { address: '10.244.0.2', pod: { namespace: 'shop', name: 'api' } };
const db = { address: '10.244.1.3', pod: { namespace: 'data', name: 'db' } };

function drop(fields: Partial<Dropped> = {}): Dropped {
  return {
    verdict: 'dropped',
    time: '2026-01-01T00:00:01.250000Z',
    firstTime: '2026-01-01T00:00:01.000000Z',
    onNode: 'node1',
    source: api,
    destination: db,
    protocol: 'TCP',
    port: 5432,
    direction: 'ingress',
    reason: 'NO_RULE_ADMITS',
    policies: [
      { kind: 'NetworkPolicy', namespace: 'data', name: 'db' },
      { kind: 'ClusterNetworkPolicy', name: 'guard', tier: 'Admin' },
    ],
    count: 1,
    ...fields,
  };
}

const admitted: StreamedFlow = {
  verdict: 'admitted',
  time: '2026-01-01T00:00:02.000000Z',
  onNode: 'node1',
  source: { address: '172.18.0.2', node: 'node1' },
  destination: { address: 'fd00::3' },
  protocol: 'UDP',
  port: 53,
  through: { address: 'fd00::a', port: 5353 },
};

/** Each row as its cells. */
function cells(text: string): string[][] {
  return text.split('\n').map((line) => line.split(/ {3,}/));
}

describe('the table', () => {
  test('names who was dropped by which policies', () => {
    assert.deepEqual(cells(new FlowTable().lines([drop({ count: 4 })])), [
      ['TIME', 'NODE', 'SOURCE', 'DESTINATION', 'VERDICT', 'DIRECTION', 'REASON', 'POLICIES'],
      [
        '2026-01-01T00:00:01Z',
        'node1',
        'shop/api',
        'data/db:5432/TCP',
        'dropped (x4)',
        'ingress',
        'NO_RULE_ADMITS',
        'data/db,ClusterNetworkPolicy/guard',
      ],
    ]);
  });

  test('names nodes, strangers and the Service that was asked; ICMP has no port', () => {
    const table = new FlowTable();
    const text = table.lines([admitted, drop({ protocol: 'ICMP', port: 0 })]);
    const [, one, two] = cells(text);
    assert.deepEqual(one, [
      '2026-01-01T00:00:02Z',
      'node1',
      'node node1',
      '[fd00::3]:53/UDP via [fd00::a]:5353',
      'admitted',
    ]);
    assert.equal(two?.[3], 'data/db/ICMP');
  });

  test('has its headers once, and columns that never shrink', () => {
    const table = new FlowTable();
    table.lines([admitted]);
    const line = table.lines([drop()]);
    assert.ok(!line.includes('TIME'));
    assert.match(line, /^\S+ {3}node1 {3}shop\/api {5}data\/db:5432\/TCP {22}dropped/);
  });
});

describe('which flows', () => {
  const cases: readonly (readonly [Parameters<typeof isWanted>[0], boolean])[] = [
    [{}, true],
    [{ namespace: 'shop' }, true],
    [{ namespace: 'data' }, true],
    [{ namespace: 'default' }, false],
    [{ pod: 'db' }, true],
    [{ pod: 'web' }, false],
    [{ namespace: 'shop', pod: 'api' }, true],
    [{ namespace: 'shop', pod: 'db' }, false],
  ];
  for (const [filter, wanted] of cases) {
    test(`${JSON.stringify(filter)}: ${wanted ? 'yes' : 'no'}`, () =>
      assert.equal(isWanted(filter, drop()), wanted));
  }

  test('those of strangers are in no namespace', () => {
    assert.equal(isWanted({}, admitted), true);
    assert.equal(isWanted({ namespace: 'shop' }, admitted), false);
  });

  test('what was reported is known, until it happens again', () => {
    const reported = [drop()];
    assert.equal(isKnown(reported, drop()), true);
    assert.equal(isKnown(reported, drop({ time: '2026-01-01T00:00:01.000000Z' })), true);
    assert.equal(isKnown(reported, drop({ time: '2026-01-01T00:00:02.000000Z', count: 2 })), false);
    assert.equal(isKnown(reported, drop({ direction: 'egress' })), false);
    assert.equal(isKnown(reported, admitted), false);
  });
});
