import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaulted } from '../testing/kind-checks.ts';
import type { Container } from './container.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import type { PodSpec } from './pod-spec.ts';
import { podKind } from './pod.ts';

function podSpec(spec: Partial<PodSpec>): PodSpec {
  return defaulted(podKind, { spec }).spec;
}

function container(parts: Partial<Container>): Container | undefined {
  return podSpec({ containers: [{ name: 'c', image: 'busybox', ...parts }] }).containers[0];
}

test('a pod of one bare container reads as Kubernetes completes it', () => {
  assert.deepEqual(podSpec({ containers: [{ name: 'c', image: 'busybox:1.35' }] }), {
    containers: [
      {
        name: 'c',
        image: 'busybox:1.35',
        imagePullPolicy: 'IfNotPresent',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
});

test('a template stays without what only pods get', () => {
  const spec: PodSpec = {
    hostNetwork: true,
    containers: [
      { name: 'c', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } },
    ],
  };
  defaultPodSpec(spec);
  assert.equal(spec.enableServiceLinks, undefined);
  assert.deepEqual(spec.containers[0]?.ports, [{ containerPort: 80, protocol: 'TCP' }]);
  assert.deepEqual(spec.containers[0]?.resources, { limits: { cpu: '1' } });
});

describe('the pull policy follows the image', () => {
  const cases: readonly [image: string, policy: string][] = [
    ['busybox', 'Always'],
    ['busybox:latest', 'Always'],
    ['busybox:1.35', 'IfNotPresent'],
    ['registry:5000/busybox', 'Always'],
    ['registry:5000/busybox:1', 'IfNotPresent'],
    ['busybox@sha256:0123', 'IfNotPresent'],
    ['busybox:latest@sha256:0123', 'Always'],
  ];
  for (const [image, policy] of cases) {
    test(image, () => assert.equal(container({ image })?.imagePullPolicy, policy));
  }
});

test('limits become requests, and amounts canonical', () => {
  const resources = { limits: { cpu: 0.5, memory: '1024Mi' }, requests: { cpu: '0.1' } };
  assert.deepEqual(container({ resources })?.resources, {
    limits: { cpu: '500m', memory: '1Gi' },
    requests: { cpu: '100m', memory: '1Gi' },
  });
});

test('probes get their timings and handlers', () => {
  assert.deepEqual(container({ readinessProbe: { httpGet: { port: 80 } } })?.readinessProbe, {
    httpGet: { port: 80, path: '/', scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
});

test('host network makes container ports host ports', () => {
  const { containers } = podSpec({
    hostNetwork: true,
    containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80 }] }],
  });
  assert.deepEqual(containers[0]?.ports, [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }]);
});

test('the two names of the service account read alike', () => {
  assert.equal(podSpec({ serviceAccount: 'robot' }).serviceAccountName, 'robot');
  assert.equal(podSpec({ serviceAccountName: 'robot' }).serviceAccount, 'robot');
});

test('volumes get their modes, and a bare one is an empty directory', () => {
  const { volumes = [] } = podSpec({
    volumes: [
      { name: 'bare' },
      { name: 'config', configMap: { name: 'c' } },
      { name: 'host', hostPath: { path: '/' } },
      { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    ],
  });
  assert.deepEqual(volumes[0], { name: 'bare', emptyDir: {} });
  assert.equal(volumes[1]?.configMap?.defaultMode, 0o644);
  assert.equal(volumes[2]?.hostPath?.type, '');
  assert.equal(volumes[3]?.projected?.sources?.[0]?.serviceAccountToken?.expirationSeconds, 3600);
});

describe('quality of service', () => {
  const full = { limits: { cpu: '1', memory: '1Gi' } };
  const cases: readonly [what: string, Container[], string][] = [
    ['nothing asked for', [{ name: 'a' }], 'BestEffort'],
    ['all limited', [{ name: 'a', resources: full }], 'Guaranteed'],
    ['one of two limited', [{ name: 'a', resources: full }, { name: 'b' }], 'Burstable'],
    [
      'less requested',
      [{ name: 'a', resources: { ...full, requests: { cpu: '500m' } } }],
      'Burstable',
    ],
    ['memory only', [{ name: 'a', resources: { requests: { memory: '1Gi' } } }], 'Burstable'],
    [
      'other resources do not count',
      [{ name: 'a', resources: { limits: { 'x.io/gpu': 1 } } }],
      'BestEffort',
    ],
  ];
  for (const [what, containers, expected] of cases) {
    test(what, () => {
      const pod = defaulted(podKind, { spec: { containers } });
      podKind.prepareCreate?.(pod);
      assert.deepEqual(pod.status, { phase: 'Pending', qosClass: expected });
    });
  }
});
