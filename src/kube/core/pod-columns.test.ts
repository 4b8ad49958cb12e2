import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { objectOf } from '../testing/kind-checks.ts';
import type { ContainerStatus, PodStatus } from './pod-types.ts';
import { podKind } from './pod.ts';

const now = Date.UTC(2026, 10, 21, 1, 44, 44);
const createdAt = '2026-11-21T01:44:40Z';

function status(name: string, parts: Partial<ContainerStatus>): ContainerStatus {
  return { name, ready: false, restartCount: 0, image: 'x', imageID: '', ...parts };
}

const running = status('c', { ready: true, state: { running: {} } });
const waiting = (reason: string): ContainerStatus =>
  status('c', { state: { waiting: { reason } } });
const ended = (exitCode: number, reason?: string): ContainerStatus =>
  status('c', { state: { terminated: { exitCode, ...(reason === undefined ? {} : { reason }) } } });
const ready = { type: 'Ready', status: 'True' as const };
const initialized = { type: 'Initialized', status: 'True' as const };
const restarted = {
  restartCount: 1,
  lastState: { terminated: { exitCode: 1, finishedAt: '2026-11-21T01:42:44Z' } },
};

interface Case {
  readonly what: string;
  readonly status: PodStatus;
  readonly init?: readonly { name: string; restartPolicy?: 'Always' }[];
  readonly containers?: number;
  readonly metadata?: object;
  /** READY, STATUS, RESTARTS. */
  readonly row: readonly [string, string, string];
}

const cases: readonly Case[] = [
  { what: 'new', status: { phase: 'Pending' }, row: ['0/1', 'Pending', '0'] },
  {
    what: 'being made',
    status: { phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] },
    row: ['0/1', 'ContainerCreating', '0'],
  },
  {
    what: 'running',
    status: { phase: 'Running', containerStatuses: [running] },
    row: ['1/1', 'Running', '0'],
  },
  {
    what: 'restarted',
    status: { phase: 'Running', containerStatuses: [{ ...running, ...restarted }] },
    row: ['1/1', 'Running', '1 (2m ago)'],
  },
  {
    what: 'crashing',
    status: {
      phase: 'Running',
      containerStatuses: [{ ...waiting('CrashLoopBackOff'), restartCount: 3 }],
    },
    row: ['0/1', 'CrashLoopBackOff', '3'],
  },
  {
    what: 'completed',
    status: { phase: 'Succeeded', containerStatuses: [ended(0, 'Completed')] },
    row: ['0/1', 'Completed', '0'],
  },
  {
    what: 'failed without a reason',
    status: { phase: 'Failed', containerStatuses: [ended(2)] },
    row: ['0/1', 'ExitCode:2', '0'],
  },
  {
    what: 'killed by a signal',
    status: {
      phase: 'Failed',
      containerStatuses: [status('c', { state: { terminated: { exitCode: 137, signal: 9 } } })],
    },
    row: ['0/1', 'Signal:9', '0'],
  },
  {
    what: 'half completed and ready',
    containers: 2,
    status: {
      phase: 'Running',
      conditions: [ready],
      containerStatuses: [ended(0, 'Completed'), { ...running, name: 'd' }],
    },
    row: ['1/2', 'Running', '0'],
  },
  {
    what: 'half completed and not ready',
    containers: 2,
    status: {
      phase: 'Running',
      containerStatuses: [ended(0, 'Completed'), { ...running, name: 'd' }],
    },
    row: ['1/2', 'NotReady', '0'],
  },
  { what: 'evicted', status: { phase: 'Failed', reason: 'Evicted' }, row: ['0/1', 'Evicted', '0'] },
  {
    what: 'gated',
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
    },
    row: ['0/1', 'SchedulingGated', '0'],
  },
  {
    what: 'terminating',
    metadata: { deletionTimestamp: createdAt },
    status: { phase: 'Running', containerStatuses: [running] },
    row: ['1/1', 'Terminating', '0'],
  },
  {
    what: 'lost with its node',
    metadata: { deletionTimestamp: createdAt },
    status: { phase: 'Running', reason: 'NodeLost', containerStatuses: [running] },
    row: ['1/1', 'Unknown', '0'],
  },
  {
    what: 'in its first init container',
    init: [{ name: 'i' }, { name: 'j' }],
    status: {
      phase: 'Pending',
      initContainerStatuses: [status('i', { state: { running: {} } }), status('j', { state: {} })],
    },
    row: ['0/1', 'Init:0/2', '0'],
  },
  {
    what: 'in its second init container',
    init: [{ name: 'i' }, { name: 'j' }],
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        status('i', { state: { terminated: { exitCode: 0 } } }),
        status('j', { state: { waiting: { reason: 'PodInitializing' } } }),
      ],
    },
    row: ['0/1', 'Init:1/2', '0'],
  },
  {
    what: 'failing to initialize',
    init: [{ name: 'i' }],
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        status('i', { state: { terminated: { exitCode: 1, reason: 'Error' } } }),
      ],
    },
    row: ['0/1', 'Init:Error', '0'],
  },
  {
    what: 'with a sidecar, whose restarts count and those of a finished init container do not',
    init: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }],
    status: {
      phase: 'Running',
      conditions: [initialized],
      initContainerStatuses: [
        status('i', { restartCount: 4, state: { terminated: { exitCode: 0 } } }),
        status('s', { ...restarted, ready: true, started: true, state: { running: {} } }),
      ],
      containerStatuses: [running],
    },
    row: ['2/2', 'Running', '1 (2m ago)'],
  },
];

function row({ status, init, containers = 1, metadata = {} }: Case): Record<string, unknown> {
  const pod = objectOf(podKind, {
    metadata: { name: 'web', creationTimestamp: createdAt, ...metadata },
    spec: {
      ...(init === undefined ? {} : { initContainers: init }),
      containers: Array.from({ length: containers }, (_, index) => ({ name: `c${index}` })),
    },
    status,
  });
  return Object.fromEntries(podKind.columns.map((entry) => [entry.name, entry.cell(pod, now)]));
}

describe('kubectl get pods', () => {
  for (const entry of cases) {
    test(`a pod ${entry.what}`, () => {
      const { Ready, Status, Restarts, Age } = row(entry);
      assert.deepEqual([Ready, Status, Restarts], entry.row);
      assert.equal(Age, '4s');
    });
  }

  test('-o wide', () => {
    const pod = objectOf(podKind, {
      spec: {
        nodeName: 'node1',
        containers: [{ name: 'c' }],
        readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }],
      },
      status: { podIPs: [{ ip: '10.244.0.2' }], conditions: [{ type: 'a', status: 'True' }] },
    });
    const wide = podKind.columns.filter(({ priority }) => priority === 1);
    assert.deepEqual(
      wide.map((entry) => `${entry.name}: ${entry.cell(pod, now)}`),
      ['IP: 10.244.0.2', 'Node: node1', 'Nominated Node: <none>', 'Readiness Gates: 1/2'],
    );
  });
});
