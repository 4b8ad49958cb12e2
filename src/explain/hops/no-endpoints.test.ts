import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explaining, hopOf, podText, runningAt, serviceText } from '../testing/explaining.ts';

/** Sentence and details of the Service's hop, asked by a client. */
function told(manifest: string): string[] {
  const hop = hopOf(explaining(podText('client') + manifest)('pod/client', 'svc/web'), 'service');
  return [hop?.sentence ?? '', ...(hop?.details ?? []).map(({ sentence }) => sentence)];
}

/** A pod of a cluster that is not ready. */
function unready(name: string, ip: string, fields: Record<string, unknown> = {}): string {
  const { status, ...spec } = fields;
  return podText(name, {
    uid: name,
    labels: { app: 'web' },
    status: { ...runningAt(ip, { ready: false }), ...(status as object) },
    ...spec,
  });
}

test('one pod that is not ready, and several', () => {
  const one = unready('web-0', '10.244.0.4');
  assert.equal(
    told(one + serviceText('web'))[0],
    'the pod that Service default/web selects is not ready',
  );
  const two = one + unready('web-1', '10.244.0.5');
  assert.equal(
    told(two + serviceText('web'))[0],
    'none of the 2 pods that Service default/web selects is ready',
  );
});

test('row 28: a port that a sidecar names is among the names', () => {
  const web = podText('web', {
    initContainers: [
      { name: 'proxy', restartPolicy: 'Always', ports: [{ name: 'mesh', containerPort: 15_001 }] },
    ],
  });
  const ports = [{ port: 80, targetPort: 'mehs' }];
  assert.deepEqual(told(web + serviceText('web', { ports })).slice(1), [
    'the pods name: http (8080/TCP), mesh (15001/TCP)',
  ]);
});

test('a readiness probe is blamed on the container that has it', () => {
  const containers = [
    {
      name: 'main',
      ports: [{ name: 'http', containerPort: 8080 }],
      readinessProbe: { tcpSocket: { port: 8080 } },
    },
    { name: 'logs' },
  ];
  const withStatus = (ready: Record<string, boolean>): string => {
    const containerStatuses = Object.entries(ready).map(([name, isReady]) => ({
      name,
      ready: isReady,
      state: { running: {} },
    }));
    return unready('web', '10.244.0.4', { containers, status: { containerStatuses } });
  };
  const reason = (pod: string): string | undefined => told(pod + serviceText('web'))[1];
  assert.equal(
    reason(withStatus({ main: false, logs: true })),
    'pod default/web is not ready: the readiness probe of container main fails',
  );
  assert.equal(
    reason(withStatus({ main: true, logs: false })),
    'pod default/web is not ready: its phase is Running',
  );
});
