import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod, PodSpec, RestartPolicy } from '../../kube/index.ts';
import { adoptRecords } from './adopt.ts';
import {
  isFinished,
  isInitialized,
  newRecords,
  startOver,
  type ContainerRecord,
  type ContainerRole,
} from './records.ts';

function pod(spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', uid: 'u' },
    spec: { containers: [{ name: 'main' }], ...spec },
  };
}

function runtimeStatus(state: 'running' | 'exited', attempt = 0, exitCode = 0) {
  return {
    id: `id-${attempt}`,
    state,
    labels: { container: 'main', attempt: String(attempt) },
    imageId: '',
    startedAt: 1000,
    ...(state === 'exited' ? { exitCode, finishedAt: 2000 } : {}),
  };
}

function only(records: readonly ContainerRecord[]): ContainerRecord {
  const [record] = records;
  if (record === undefined) throw new TypeError('no record');
  return record;
}

test('records stand in the order of the spec, with their roles', () => {
  const initContainers = [{ name: 'i' }, { name: 's', restartPolicy: 'Always' as const }];
  const records = newRecords(pod({ initContainers }));
  assert.deepEqual(
    records.map(({ container, role, attempt }) => [container.name, role, attempt]),
    [
      ['i', 'init', -1],
      ['s', 'sidecar', -1],
      ['main', 'main', -1],
    ],
  );
});

describe('isFinished', () => {
  const cases: readonly [ContainerRole, RestartPolicy, number, boolean][] = [
    ['main', 'Always', 0, false],
    ['main', 'Always', 1, false],
    ['main', 'OnFailure', 0, true],
    ['main', 'OnFailure', 1, false],
    ['main', 'Never', 0, true],
    ['main', 'Never', 1, true],
    ['init', 'Always', 0, true],
    ['init', 'Always', 1, false],
    ['init', 'OnFailure', 1, false],
    ['init', 'Never', 1, true],
    ['sidecar', 'Never', 0, false],
    ['sidecar', 'Never', 1, false],
  ];
  for (const [role, policy, exitCode, expected] of cases) {
    test(`${role} under ${policy} after exit code ${exitCode}: ${expected}`, () => {
      const record = { ...only(newRecords(pod())), role };
      assert.equal(isFinished(record, policy), false);
      record.current = runtimeStatus('exited', 0, exitCode);
      assert.equal(isFinished(record, policy), expected);
    });
  }
});

test('isInitialized: an init container must be done, a sidecar started', () => {
  const record = { ...only(newRecords(pod())), role: 'init' as ContainerRole };
  record.current = runtimeStatus('exited', 0, 1);
  assert.equal(isInitialized(record), false);
  record.current = runtimeStatus('exited', 0, 0);
  assert.equal(isInitialized(record), true);
  record.role = 'sidecar';
  assert.equal(isInitialized(record), false);
  record.current = runtimeStatus('running');
  assert.equal(isInitialized(record), false);
  record.isStarted = true;
  assert.equal(isInitialized(record), true);
});

describe('startOver', () => {
  test('makes the last attempt the previous one, and names what is forgotten', () => {
    const records = newRecords(pod());
    const record = only(records);
    Object.assign(record, { attempt: 1, notBefore: 9, isStarted: true, isReady: true });
    record.previous = runtimeStatus('exited', 0);
    record.current = runtimeStatus('exited', 1);
    assert.deepEqual(
      startOver(records, 'Always').map(({ id }) => id),
      ['id-0'],
    );
    assert.deepEqual(
      [record.current, record.previous?.id, record.attempt, record.notBefore, record.isStarted],
      [undefined, 'id-1', 1, 0, false],
    );
  });

  test('leaves what is finished for good', () => {
    const records = newRecords(pod());
    only(records).current = runtimeStatus('exited', 0);
    assert.deepEqual(startOver(records, 'OnFailure'), []);
    assert.equal(only(records).current?.id, 'id-0');
  });
});

describe('adoptRecords', () => {
  const known = {
    name: 'main',
    image: 'web:1',
    imageID: 'sha256:1',
    containerID: 'runc://old',
    ready: true,
    started: true,
    restartCount: 4,
  };

  test('the newest container is the current attempt, the one before the previous', () => {
    const records = newRecords(pod());
    const containers = [runtimeStatus('exited', 1), runtimeStatus('running', 2)];
    const status = { containerStatuses: [{ ...known, restartCount: 2 }] };
    adoptRecords({ ...pod(), status }, records, containers);
    const { attempt, current, previous, image, isStarted, isReady, crashes } = only(records);
    assert.deepEqual([attempt, current?.id, previous?.id], [2, 'id-2', 'id-1']);
    assert.deepEqual(image, { reference: 'web:1', id: 'sha256:1' });
    assert.deepEqual([isStarted, isReady, crashes], [true, true, 2]);
  });

  test('verdicts of an attempt that has ended meanwhile are void, and its pause begins', () => {
    const records = newRecords(pod());
    const status = { containerStatuses: [known] };
    adoptRecords({ ...pod(), status }, records, [runtimeStatus('exited', 4, 1)]);
    const { isStarted, isReady, notBefore, crashes } = only(records);
    assert.deepEqual([isStarted, isReady, crashes], [false, false, 5]);
    assert.equal(notBefore, 2000 + 80_000);
  });

  test('an end that only the API remembers is an end', () => {
    const records = newRecords(pod());
    const terminated = { exitCode: 128, reason: 'StartError', containerID: 'runc://x' };
    const status = { containerStatuses: [{ ...known, state: { terminated } }] };
    adoptRecords({ ...pod(), status }, records, []);
    const { attempt, current } = only(records);
    assert.deepEqual(
      [attempt, current?.state, current?.id, current?.exitCode],
      [4, 'exited', 'x', 128],
    );
  });

  test('a pod that was never begun has no attempts', () => {
    const records = newRecords(pod());
    adoptRecords(pod(), records, []);
    assert.equal(only(records).attempt, -1);
  });
});
