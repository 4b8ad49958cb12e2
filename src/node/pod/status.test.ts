import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod, PodSpec, PodStatus } from '../../kube/index.ts';
import { newRecords, type ContainerRecord } from './records.ts';
import { podPhase, podStatus, type StatusInputs } from './status.ts';

const NOW = Date.UTC(2026, 10, 21, 8, 0, 0);

function pod(spec: Partial<PodSpec> = {}, status?: PodStatus): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'u', generation: 2 },
    spec: { containers: [{ name: 'main', image: 'web:1' }], ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

type How = 'new' | 'running' | 'ready' | 'crashed' | 'done';

/** Puts a record into a state that people have a word for. */
function put(record: ContainerRecord | undefined, how: How): void {
  if (record === undefined) throw new TypeError('no such record');
  if (how === 'new') return;
  const isRunning = how === 'running' || how === 'ready';
  Object.assign(record, { attempt: 0, isStarted: isRunning, isReady: how === 'ready' });
  record.current = {
    id: 'abc',
    state: isRunning ? 'running' : 'exited',
    labels: {},
    imageId: '',
    startedAt: NOW - 5000,
    ...(isRunning ? {} : { finishedAt: NOW - 1000, exitCode: how === 'done' ? 0 : 3 }),
  };
}

function inputs(object: Pod, hows: readonly How[], rest: Partial<StatusInputs> = {}): StatusInputs {
  const records = newRecords(object);
  for (const [index, how] of hows.entries()) put(records[index], how);
  return {
    pod: object,
    records,
    hostIPs: ['172.18.0.2', 'fd00:172:18::2'],
    podIPs: ['10.244.0.5', 'fd00:10:244::5'],
    hasSandbox: true,
    now: NOW,
    ...rest,
  };
}

const sidecar = { name: 'side', restartPolicy: 'Always' } as const;
const init = { name: 'init' };

describe('phase', () => {
  const cases: readonly {
    readonly what: string;
    readonly spec?: Partial<PodSpec>;
    readonly status?: PodStatus;
    readonly hows: readonly How[];
    readonly phase: string;
  }[] = [
    { what: 'nothing has begun', hows: ['new'], phase: 'Pending' },
    { what: 'it runs', hows: ['running'], phase: 'Running' },
    { what: 'it crashed and will run again', hows: ['crashed'], phase: 'Running' },
    {
      what: 'an init container runs',
      spec: { initContainers: [init] },
      hows: ['running', 'new'],
      phase: 'Pending',
    },
    {
      what: 'an init container is done',
      spec: { initContainers: [init] },
      hows: ['done', 'running'],
      phase: 'Running',
    },
    {
      what: 'an init container failed for good',
      spec: { initContainers: [init], restartPolicy: 'Never' },
      hows: ['crashed', 'new'],
      phase: 'Failed',
    },
    { what: 'it succeeded', spec: { restartPolicy: 'Never' }, hows: ['done'], phase: 'Succeeded' },
    { what: 'it failed', spec: { restartPolicy: 'Never' }, hows: ['crashed'], phase: 'Failed' },
    {
      what: 'it failed and is tried again',
      spec: { restartPolicy: 'OnFailure' },
      hows: ['crashed'],
      phase: 'Running',
    },
    {
      what: 'it is done, its sidecar is not',
      spec: { restartPolicy: 'Never', initContainers: [sidecar] },
      hows: ['ready', 'done'],
      phase: 'Running',
    },
    {
      what: 'it is done, and its sidecar ended badly',
      spec: { restartPolicy: 'Never', initContainers: [sidecar] },
      hows: ['crashed', 'done'],
      phase: 'Succeeded',
    },
    {
      what: 'somebody evicted it',
      status: { phase: 'Failed', reason: 'Evicted' },
      hows: ['running'],
      phase: 'Failed',
    },
    {
      what: 'a sidecar restarts beside it',
      spec: { initContainers: [sidecar] },
      hows: ['crashed', 'ready'],
      phase: 'Running',
    },
  ];
  for (const { what, spec, status, hows, phase } of cases) {
    test(`${phase} when ${what}`, () => {
      assert.equal(podPhase(inputs(pod(spec, status), hows)), phase);
    });
  }

  test('a pod past its deadline has failed once nothing of it runs', () => {
    const failure = { reason: 'DeadlineExceeded', message: 'too long' };
    assert.equal(podPhase(inputs(pod(), ['running'], { failure })), 'Running');
    assert.equal(podPhase(inputs(pod(), ['crashed'], { failure })), 'Failed');
    const { reason, message } = podStatus(inputs(pod(), ['crashed'], { failure }));
    assert.deepEqual({ reason, message }, failure);
  });
});

describe('conditions', () => {
  const cases: readonly {
    readonly what: string;
    readonly spec?: Partial<PodSpec>;
    readonly hows: readonly How[];
    /** Initialized, ContainersReady, Ready: `True`, or the reason why not. */
    readonly expected: readonly string[];
  }[] = [
    {
      what: 'before all',
      hows: ['new'],
      expected: ['True', 'ContainersNotReady', 'ContainersNotReady'],
    },
    {
      what: 'initializing',
      spec: { initContainers: [init] },
      hows: ['running', 'new'],
      expected: ['ContainersNotInitialized', 'ContainersNotReady', 'ContainersNotReady'],
    },
    { what: 'ready', hows: ['ready'], expected: ['True', 'True', 'True'] },
    {
      what: 'running, not ready',
      hows: ['running'],
      expected: ['True', 'ContainersNotReady', 'ContainersNotReady'],
    },
    {
      what: 'done',
      spec: { restartPolicy: 'Never' },
      hows: ['done'],
      expected: ['True', 'PodCompleted', 'PodCompleted'],
    },
    {
      what: 'failed',
      spec: { restartPolicy: 'Never' },
      hows: ['crashed'],
      expected: ['True', 'PodFailed', 'PodFailed'],
    },
    {
      what: 'behind a gate',
      spec: { readinessGates: [{ conditionType: 'gate' }] },
      hows: ['ready'],
      expected: ['True', 'True', 'ReadinessGatesNotReady'],
    },
  ];
  for (const { what, spec, hows, expected } of cases) {
    test(`of a pod ${what}`, () => {
      const { conditions = [] } = podStatus(inputs(pod(spec), hows));
      const told = ['Initialized', 'ContainersReady', 'Ready'].map((type) => {
        const found = conditions.find((entry) => entry.type === type);
        return found?.status === 'True' ? 'True' : found?.reason;
      });
      assert.deepEqual(told, expected);
    });
  }

  test('keep their transition time as long as they stand, and those of others stay', () => {
    const old = '2026-11-21T07:00:00Z';
    const gate = { type: 'gate', status: 'True' as const, lastTransitionTime: old };
    const ready = { type: 'Ready', status: 'False' as const, lastTransitionTime: old };
    const initialized = { type: 'Initialized', status: 'True' as const, lastTransitionTime: old };
    const object = pod({}, { conditions: [gate, ready, initialized] });
    const { conditions = [] } = podStatus(inputs(object, ['ready']));
    const times = Object.fromEntries(
      conditions.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
    );
    assert.equal(times['Initialized'], old);
    assert.equal(times['Ready'], '2026-11-21T08:00:00Z');
    assert.deepEqual(conditions.at(-1), gate);
  });
});

describe('containers', () => {
  function only(how: How, change: Partial<ContainerRecord> = {}, spec: Partial<PodSpec> = {}) {
    const given = inputs(pod(spec), [how]);
    Object.assign(given.records[0] ?? {}, change);
    const [status] = podStatus(given).containerStatuses ?? [];
    if (status === undefined) throw new TypeError('no status');
    return status;
  }

  test('one that was never started is being created', () => {
    const { state, restartCount, image, imageID, containerID } = only('new');
    assert.deepEqual(state, { waiting: { reason: 'ContainerCreating' } });
    assert.deepEqual([restartCount, image, imageID, containerID], [0, 'web:1', '', undefined]);
  });

  test('one behind an init container waits for it', () => {
    const { containerStatuses } = podStatus(
      inputs(pod({ initContainers: [init] }), ['running', 'new']),
    );
    assert.equal(containerStatuses?.[0]?.state?.waiting?.reason, 'PodInitializing');
  });

  test('one that runs says since when', () => {
    const { state, started, ready, containerID } = only('ready');
    assert.deepEqual(state, { running: { startedAt: '2026-11-21T07:59:55Z' } });
    assert.deepEqual([started, ready, containerID], [true, true, 'runc://abc']);
  });

  test('one in its pause tells how the last attempt ended', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s' };
    const { state, lastState } = only('crashed', { waiting });
    assert.deepEqual(state, { waiting });
    assert.equal(lastState?.terminated?.exitCode, 3);
    assert.equal(lastState?.terminated?.finishedAt, '2026-11-21T07:59:59Z');
  });

  test('one that is finished is terminated, whatever it waited for', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: '' };
    const { state } = only('done', { waiting }, { restartPolicy: 'Never' });
    assert.equal(state?.terminated?.reason, 'Completed');
  });

  test('a signal shows in the exit code', () => {
    const given = inputs(pod({ restartPolicy: 'Never' }), ['crashed']);
    const [record] = given.records;
    if (record?.current !== undefined) record.current = { ...record.current, exitCode: 137 };
    const [status] = podStatus(given).containerStatuses ?? [];
    assert.deepEqual(
      [status?.state?.terminated?.signal, status?.state?.terminated?.reason],
      [9, 'Error'],
    );
  });

  test('stand in the order of the spec, init containers apart', () => {
    const spec = { initContainers: [init, sidecar], containers: [{ name: 'b' }, { name: 'a' }] };
    const status = podStatus(inputs(pod(spec), ['done', 'ready', 'ready', 'ready']));
    const namesOf = (list: PodStatus['containerStatuses']) => list?.map(({ name }) => name);
    assert.deepEqual(namesOf(status.initContainerStatuses), ['init', 'side']);
    assert.deepEqual(namesOf(status.containerStatuses), ['b', 'a']);
  });
});

describe('addresses and the rest', () => {
  test('both families stand in the lists, the first alone', () => {
    const { podIP, podIPs, hostIP, hostIPs } = podStatus(inputs(pod(), ['ready']));
    assert.deepEqual([podIP, hostIP], ['10.244.0.5', '172.18.0.2']);
    assert.deepEqual([podIPs?.length, hostIPs?.length], [2, 2]);
  });

  test('one family is enough, and none before there is a sandbox', () => {
    const single = podStatus(inputs(pod(), ['ready'], { podIPs: ['10.244.0.5'] }));
    assert.deepEqual(single.podIPs, [{ ip: '10.244.0.5' }]);
    const none = podStatus(inputs(pod(), ['new'], { podIPs: [], hasSandbox: false }));
    assert.equal(none.podIP, undefined);
    assert.equal(none.conditions?.[0]?.status, 'False');
  });

  test('what the API server decided is kept, and the start time written once', () => {
    const startTime = '2026-11-21T07:00:00Z';
    const status = podStatus(inputs(pod({}, { qosClass: 'Burstable', startTime }), ['ready']));
    assert.deepEqual([status.qosClass, status.startTime], ['Burstable', startTime]);
    assert.equal(podStatus(inputs(pod(), ['new'])).startTime, '2026-11-21T08:00:00Z');
    assert.equal(status.observedGeneration, 2);
  });
});
