import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import type { Container, Probe } from '../../kube/index.ts';
import type { ProbeTarget } from '../probe/target.ts';
import { ContainerProbes } from './container-probes.ts';
import { newRecords, type ContainerRecord } from './records.ts';

let clock: FakeClock;
let record: ContainerRecord;
let probes: ContainerProbes;
/** Exit code of each command that a probe runs, by its first word; 0 when absent. */
let codes: Record<string, number>;
let ran: string[];
let failures: string[];
let changes: number;

beforeEach(() => {
  clock = new FakeClock();
  codes = {};
  ran = [];
  failures = [];
  changes = 0;
});

function probe(command: string, rest: Probe = {}): Probe {
  return { exec: { command: [command] }, periodSeconds: 10, ...rest };
}

function begin(container: Partial<Container>, isAdopted = false): void {
  const [made] = newRecords({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'main', ...container }] },
  });
  if (made === undefined) throw new TypeError('no record');
  record = made;
  record.current = {
    id: 'a',
    state: 'running',
    labels: {},
    imageId: '',
    startedAt: clock.now() - (isAdopted ? 60_000 : 0),
  };
  if (isAdopted) Object.assign(record, { isStarted: true, isReady: true });
  const target: ProbeTarget = {
    container: record.container,
    podIP: '10.244.0.2',
    connect: () => Promise.reject(new Error('not here')),
    exec: ([command = '']) => {
      ran.push(`${command}@${(clock.now() - Date.UTC(2026, 0, 1)) / 1000}`);
      return Promise.resolve({ code: codes[command] ?? 0, output: 'said' });
    },
  };
  const listener = {
    changed: () => {
      changes += 1;
    },
    failed: (message: string) => failures.push(message),
  };
  probes = new ContainerProbes({ clock, record, target, listener });
  probes.start(isAdopted);
}

test('without probes a container is started and ready at once, and no timer waits', () => {
  begin({});
  assert.deepEqual([record.isStarted, record.isReady, changes], [true, true, 1]);
  assert.equal(clock.pending, 0);
});

describe('readiness', () => {
  test('waits its delay, then follows its thresholds both ways', async () => {
    const readinessProbe = probe('ready', {
      initialDelaySeconds: 5,
      successThreshold: 2,
      failureThreshold: 2,
    });
    begin({ readinessProbe });
    assert.equal(record.isReady, false);
    await clock.advance(5000);
    assert.deepEqual([ran, record.isReady], [['ready@5'], false]);
    await clock.advance(10_000);
    assert.equal(record.isReady, true);
    codes['ready'] = 1;
    await clock.advance(10_000);
    assert.equal(record.isReady, true);
    await clock.advance(10_000);
    assert.equal(record.isReady, false);
    assert.deepEqual(failures, ['Readiness probe failed: said', 'Readiness probe failed: said']);
  });

  test('tells a verdict once', async () => {
    codes['ready'] = 1;
    begin({ readinessProbe: probe('ready', { failureThreshold: 1 }) });
    await clock.advance(100_000);
    assert.equal(failures.length, 11);
    assert.equal(changes, 2);
  });
});

describe('liveness', () => {
  test('condemns after its failures in a row, once, with its own grace', async () => {
    const rest = { failureThreshold: 3, terminationGracePeriodSeconds: 7 };
    begin({ livenessProbe: probe('live', rest) });
    codes['live'] = 1;
    await clock.advance(10_000);
    codes['live'] = 0;
    await clock.advance(10_000);
    codes['live'] = 1;
    await clock.advance(20_000);
    assert.equal(record.condemned, undefined);
    await clock.advance(10_000);
    assert.deepEqual(record.condemned, {
      message: 'Container main failed liveness probe, will be restarted',
      graceSeconds: 7,
    });
    const before = ran.length;
    await clock.advance(100_000);
    assert.equal(ran.length, before);
  });

  test('is not asked any more when the pod ends, readiness is', async () => {
    begin({ livenessProbe: probe('live'), readinessProbe: probe('ready') });
    probes.keepReadinessOnly();
    await clock.advance(10_000);
    assert.deepEqual(ran, ['ready@0', 'ready@10']);
  });
});

describe('startup', () => {
  test('holds the others back until it has passed', async () => {
    codes['up'] = 1;
    begin({ startupProbe: probe('up', { failureThreshold: 10 }), livenessProbe: probe('live') });
    await clock.advance(10_000);
    assert.deepEqual([ran, record.isStarted, record.isReady], [['up@0', 'up@10'], false, false]);
    codes['up'] = 0;
    await clock.advance(10_000);
    assert.deepEqual([record.isStarted, record.isReady], [true, true]);
    await clock.advance(10_000);
    assert.deepEqual(ran, ['up@0', 'up@10', 'up@20', 'live@20', 'live@30']);
  });

  test('condemns when it never passes', async () => {
    codes['up'] = 1;
    begin({ startupProbe: probe('up', { failureThreshold: 2 }) });
    await clock.advance(10_000);
    assert.match(record.condemned?.message ?? '', /failed startup probe/);
    assert.equal(clock.pending, 0);
  });
});

describe('an adopted container', () => {
  test('keeps its verdicts, and its delays count from its start', async () => {
    const readinessProbe = probe('ready', { initialDelaySeconds: 30, failureThreshold: 1 });
    begin({ startupProbe: probe('up'), readinessProbe }, true);
    assert.deepEqual([record.isStarted, record.isReady], [true, true]);
    codes['ready'] = 1;
    await clock.advance(0);
    assert.deepEqual([ran, record.isReady], [['ready@0'], false]);
  });
});

test('stopped probes leave no timer', () => {
  begin({ readinessProbe: probe('ready'), livenessProbe: probe('live') });
  assert.equal(clock.pending, 2);
  probes.stop();
  assert.equal(clock.pending, 0);
});
