import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../clock/index.ts';
import type { BackendNode } from './backend-nodes.ts';
import { HealthChecker } from './health-checker.ts';
import { NodeHealth } from './node-health.ts';

describe('the health of a node', () => {
  const thresholds = { healthyThreshold: 2, unhealthyThreshold: 3 };
  /** `+` is a success, `-` a failure; the verdicts after each. */
  const cases: readonly (readonly [checks: string, verdicts: string])[] = [
    ['', ''],
    ['+', 'healthy'],
    ['-', 'unhealthy'],
    ['+--', 'healthy healthy healthy'],
    ['+---', 'healthy healthy healthy unhealthy'],
    ['+--+--', 'healthy healthy healthy healthy healthy healthy'],
    ['-+', 'unhealthy unhealthy'],
    ['-++', 'unhealthy unhealthy healthy'],
    ['-+-+', 'unhealthy unhealthy unhealthy unhealthy'],
  ];
  for (const [checks, verdicts] of cases) {
    test(`${checks || 'no check'}: ${verdicts || 'unknown'}`, () => {
      const health = new NodeHealth(thresholds);
      assert.equal(health.status, 'unknown');
      const said = checks.split('').map((check) => {
        const before = health.status;
        const isChanged = health.record(check === '+');
        assert.equal(isChanged, health.status !== before);
        return health.status;
      });
      assert.equal(said.join(' '), verdicts);
    });
  }
});

describe('the checker', () => {
  const check = {
    protocol: 'TCP',
    port: 30_080,
    path: '/',
    intervalMs: 1000,
    timeoutMs: 300,
    healthyThreshold: 1,
    unhealthyThreshold: 2,
  } as const;
  const node = (name: string, ip = '172.18.0.2'): BackendNode => ({ name, addresses: { 4: ip } });

  function start(ask: (node: BackendNode, signal: AbortSignal) => Promise<boolean>) {
    const clock = new FakeClock();
    const changes: string[] = [];
    const checker = new HealthChecker({
      clock,
      check,
      ask,
      onChange: (name, status) => changes.push(`${name} ${status}`),
    });
    return { clock, checker, changes };
  }

  test('asks at once, then an interval after each answer', async () => {
    let asked = 0;
    const { clock, checker, changes } = start(async () => {
      asked += 1;
      return asked < 3;
    });
    checker.watch([node('a')]);
    await clock.advance(0);
    assert.equal(asked, 1);
    await clock.advance(999);
    assert.equal(asked, 1);
    await clock.advance(3001);
    assert.deepEqual(changes, ['a healthy', 'a unhealthy']);
    checker.close();
    assert.equal(clock.pending, 0);
  });

  test('gives a node the timeout to answer, and no more', async () => {
    const { clock, checker, changes } = start(
      (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(false));
        }),
    );
    checker.watch([node('a')]);
    await clock.advance(299);
    assert.deepEqual(changes, []);
    await clock.advance(1);
    assert.deepEqual(changes, ['a unhealthy']);
    checker.close();
  });

  test('forgets nodes that left, and asks one anew that has another address', async () => {
    const asked: string[] = [];
    const { clock, checker } = start(async ({ name, addresses }) => {
      asked.push(`${name} ${addresses[4]}`);
      return true;
    });
    checker.watch([node('a'), node('b')]);
    await clock.advance(0);
    checker.watch([node('a', '172.18.0.9')]);
    await clock.advance(0);
    assert.deepEqual(asked, ['a 172.18.0.2', 'b 172.18.0.2', 'a 172.18.0.9']);
    assert.equal(clock.pending, 1);
    checker.close();
  });

  test('says nothing of a node that left while it was asked', async () => {
    const { clock, checker, changes } = start(async () => true);
    checker.watch([node('a')]);
    checker.close();
    await clock.advance(0);
    assert.deepEqual(changes, []);
    assert.equal(clock.pending, 0);
  });
});
