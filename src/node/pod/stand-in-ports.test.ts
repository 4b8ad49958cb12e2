import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, Pod, Service, ServicePort } from '../../kube/index.ts';
import { selects } from './selects.ts';
import { standInPorts } from './stand-in-ports.ts';

function service(
  ports: ServicePort[],
  selector: Record<string, string> = { app: 'web' },
  namespace = 'shop',
): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace },
    spec: { selector, ports },
  };
}

function pod(...containers: Container[]): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
    spec: { containers },
  };
}

function ports(
  object: Pod,
  options: { services?: Service[]; exposed?: string[]; index?: number } = {},
): string[] {
  const { services = [], exposed = [], index = 0 } = options;
  const container = object.spec.containers[index];
  if (container === undefined) throw new TypeError('no such container');
  return standInPorts({ pod: object, container, exposed, services }).map(
    ({ port, protocol }) => `${port}/${protocol}`,
  );
}

test('what a container declares, its probes ask and its image exposes, each once', () => {
  const container: Container = {
    name: 'main',
    ports: [
      { name: 'http', containerPort: 80 },
      { containerPort: 53, protocol: 'UDP' },
      { containerPort: 99, protocol: 'SCTP' },
    ],
    readinessProbe: { httpGet: { port: 'http' } },
    livenessProbe: { tcpSocket: { port: 8081 } },
    startupProbe: { grpc: { port: 9090 } },
  };
  assert.deepEqual(ports(pod(container), { exposed: ['80/tcp', '5353/udp', '6000'] }), [
    '80/TCP',
    '53/UDP',
    '8081/TCP',
    '9090/TCP',
    '5353/UDP',
    '6000/TCP',
  ]);
});

describe('targetPorts of Services', () => {
  const bare: Container = { name: 'main' };

  test('by number, or the port itself; not by name', () => {
    const services = [
      service([
        { port: 80, targetPort: 8080 },
        { port: 53, protocol: 'UDP' },
        { port: 81, targetPort: 'http' },
        { port: 82, protocol: 'SCTP' },
      ]),
    ];
    assert.deepEqual(ports(pod(bare), { services }), ['8080/TCP', '53/UDP']);
  });

  test('go to the first container, but for what another one declares', () => {
    const object = pod(bare, { name: 'other', ports: [{ containerPort: 8080 }] });
    const services = [
      service([
        { port: 80, targetPort: 8080 },
        { port: 81, targetPort: 8081 },
      ]),
    ];
    assert.deepEqual(ports(object, { services }), ['8081/TCP']);
    assert.deepEqual(ports(object, { services, index: 1 }), ['8080/TCP']);
  });
});

describe('selects', () => {
  const cases: readonly [string, Service | undefined, boolean][] = [
    ['its labels', service([]), true],
    ['other labels', service([], { app: 'api' }), false],
    ['more labels', service([], { app: 'web', tier: 'a' }), false],
    ['no labels', service([], {}), false],
    ['another namespace', service([], { app: 'web' }, 'other'), false],
    ['no Service', undefined, false],
  ];
  for (const [what, one, expected] of cases) {
    test(`${what}: ${expected}`, () => assert.equal(selects(one, pod({ name: 'c' })), expected));
  }
});
