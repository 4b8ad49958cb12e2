import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod } from '../../kube/index.ts';
import { activeUntil, afterExit, decide, isOver, pauseAfter } from './decide.ts';
import { newRecords, type ContainerRecord } from './records.ts';

const NOW = 1_000_000;

function pod(spec: Partial<Pod['spec']>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'u' },
    spec: { containers: [{ name: 'main' }], restartPolicy: 'Always', ...spec },
  };
}

function named(...names: string[]): Container[] {
  return names.map((name) => ({ name }));
}

function run(record: ContainerRecord | undefined, state: 'running' | 'exited', exitCode = 0): void {
  if (record === undefined) throw new TypeError('no such record');
  record.attempt = Math.max(0, record.attempt);
  record.isStarted = state === 'running';
  record.current = {
    id: record.container.name,
    state,
    labels: {},
    imageId: '',
    startedAt: NOW - 5000,
    ...(state === 'exited' ? { exitCode, finishedAt: NOW } : {}),
  };
}

function starts(object: Pod, records: ContainerRecord[], now = NOW): string[] {
  return decide(object, records, now).start.map(({ container }) => container.name);
}

describe('init containers', () => {
  test('run one after the other before the main containers', () => {
    const object = pod({ initContainers: named('first', 'second') });
    const records = newRecords(object);
    assert.deepEqual(starts(object, records), ['first']);
    run(records[0], 'running');
    assert.deepEqual(starts(object, records), []);
    run(records[0], 'exited');
    assert.deepEqual(starts(object, records), ['second']);
    run(records[1], 'exited');
    assert.deepEqual(starts(object, records), ['main']);
  });

  test('a sidecar holds up what follows until it has started, and no longer', () => {
    const object = pod({ initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] });
    const records = newRecords(object);
    assert.deepEqual(starts(object, records), ['proxy']);
    run(records[0], 'running');
    if (records[0]) records[0].isStarted = false;
    assert.deepEqual(starts(object, records), []);
    if (records[0]) records[0].isStarted = true;
    assert.deepEqual(starts(object, records), ['main']);
    run(records[1], 'running');
    run(records[0], 'exited', 1);
    assert.deepEqual(starts(object, records), ['proxy']);
  });

  test('one that fails ends the pod under restartPolicy Never', () => {
    const object = pod({ restartPolicy: 'Never', initContainers: named('first') });
    const records = newRecords(object);
    run(records[0], 'exited', 3);
    assert.equal(isOver(object, records), true);
    assert.deepEqual(starts(object, records), []);
  });
});

describe('restart policy', () => {
  const cases = [
    { restartPolicy: 'Always', exitCode: 0, restarts: true },
    { restartPolicy: 'Always', exitCode: 1, restarts: true },
    { restartPolicy: 'OnFailure', exitCode: 0, restarts: false },
    { restartPolicy: 'OnFailure', exitCode: 1, restarts: true },
    { restartPolicy: 'Never', exitCode: 0, restarts: false },
    { restartPolicy: 'Never', exitCode: 1, restarts: false },
  ] as const;
  for (const { restartPolicy, exitCode, restarts } of cases) {
    test(`${restartPolicy} after exit code ${exitCode}: ${restarts ? 'again' : 'not again'}`, () => {
      const object = pod({ restartPolicy });
      const records = newRecords(object);
      run(records[0], 'exited', exitCode);
      assert.deepEqual(starts(object, records), restarts ? ['main'] : []);
      assert.equal(isOver(object, records), !restarts);
    });
  }

  test('the pod is over when its main containers are done, whatever its sidecars do', () => {
    const object = pod({
      restartPolicy: 'Never',
      initContainers: [{ name: 'proxy', restartPolicy: 'Always' }],
    });
    const records = newRecords(object);
    run(records[0], 'running');
    run(records[1], 'exited');
    assert.equal(isOver(object, records), true);
    assert.deepEqual(decide(object, records, NOW), { start: [], stop: [], lookAgainAt: Infinity });
  });

  test('what the API calls ended stays ended', () => {
    const object = { ...pod({}), status: { phase: 'Failed' as const, reason: 'Evicted' } };
    assert.equal(isOver(object, newRecords(object)), true);
  });

  test('a condemned container is stopped, a busy one left alone', () => {
    const object = pod({ containers: named('a', 'b') });
    const records = newRecords(object);
    for (const record of records) {
      run(record, 'running');
      record.condemned = { message: 'sick' };
    }
    if (records[1]) records[1].isBusy = true;
    const { stop } = decide(object, records, NOW);
    assert.deepEqual(
      stop.map(({ container }) => container.name),
      ['a'],
    );
  });

  test('activeDeadlineSeconds count from the start time', () => {
    const object = {
      ...pod({ activeDeadlineSeconds: 5 }),
      status: { startTime: '2026-01-01T00:00:00Z' },
    };
    assert.equal(activeUntil(object), Date.UTC(2026, 0, 1, 0, 0, 5));
    assert.equal(activeUntil(pod({ activeDeadlineSeconds: 5 })), Infinity);
  });
});

describe('back-off', () => {
  test('pauses double from ten seconds to five minutes', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 6, 20].map(pauseAfter),
      [0, 10_000, 20_000, 40_000, 300_000, 300_000],
    );
  });

  test('the first restart is immediate, the next waits', () => {
    const object = pod({});
    const records = newRecords(object);
    const [record] = records;
    run(record, 'exited', 1);
    if (record === undefined) return;
    Object.assign(record, afterExit(record, NOW));
    assert.deepEqual(starts(object, records), ['main']);
    Object.assign(record, afterExit(record, NOW));
    assert.deepEqual(starts(object, records), []);
    assert.equal(decide(object, records, NOW).lookAgainAt, NOW + 10_000);
    assert.deepEqual(starts(object, records, NOW + 10_000), ['main']);
  });

  test('ten minutes of running are forgiven', () => {
    const records = newRecords(pod({}));
    const [record] = records;
    run(record, 'exited', 1);
    if (record?.current === undefined) return;
    record.crashes = 5;
    record.current = { ...record.current, startedAt: NOW - 600_000 };
    assert.deepEqual(afterExit(record, NOW), { crashes: 1, notBefore: NOW });
  });
});
