import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConfigMap, Container, Secret } from '../../kube/index.ts';
import { containerEnvironment, type ContainerEnvironment } from './environment.ts';

const settings: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'shop' },
  data: { colour: 'red', size: 'big' },
};
const login: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login', namespace: 'shop' },
  data: { password: Buffer.from('geheim').toString('base64') },
};

function environment(container: Partial<Container>, imageEnv: string[] = []): ContainerEnvironment {
  const context = {
    nodeName: 'node1',
    nodeIPs: ['172.18.0.2'],
    caches: {
      configMaps: { get: (key: string) => (key === 'shop/settings' ? settings : undefined) },
      secrets: { get: (key: string) => (key === 'shop/login' ? login : undefined) },
    },
  };
  return containerEnvironment(context, {
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop', uid: 'u1', labels: { app: 'web' } },
      spec: { containers: [] },
    },
    container: { name: 'main', ...container },
    podIPs: ['10.244.0.5'],
    imageEnv,
    serviceEnv: new Map([['WEB_SERVICE_HOST', '10.96.0.7']]),
  });
}

function all(container: Partial<Container>, imageEnv?: string[]): Record<string, string> {
  return Object.fromEntries(environment(container, imageEnv).all);
}

describe('precedence', () => {
  test('image, Services, envFrom, env: the later wins', () => {
    const result = all(
      {
        envFrom: [{ configMapRef: { name: 'settings' } }],
        env: [{ name: 'size', value: 'small' }],
      },
      ['PATH=/bin', 'colour=grey', 'WEB_SERVICE_HOST=none'],
    );
    assert.deepEqual(result, {
      PATH: '/bin',
      colour: 'red',
      size: 'small',
      WEB_SERVICE_HOST: '10.96.0.7',
    });
  });

  test('a value may hold an equals sign', () => {
    assert.equal(all({}, ['OPTIONS=a=b'])['OPTIONS'], 'a=b');
  });
});

describe('expansion', () => {
  test('knows what stands before it, and Services', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', value: '$(A)$(C)-$$(A)-$(WEB_SERVICE_HOST)' },
      { name: 'C', value: '3' },
    ];
    assert.equal(all({ env })['B'], '1$(C)-$(A)-10.96.0.7');
  });

  test('does not know the image, as in Kubernetes', () => {
    const env = [{ name: 'MY_PATH', value: '$(PATH)' }];
    assert.equal(all({ env }, ['PATH=/bin'])['MY_PATH'], '$(PATH)');
    assert.equal(environment({ env }, ['PATH=/bin']).own.has('PATH'), false);
  });
});

describe('sources', () => {
  test('keys, fields and resources', () => {
    const env = [
      { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'requests.cpu', divisor: '1m' } } },
    ];
    const { COLOUR, PASSWORD, IP, CPU } = all({ env, resources: { requests: { cpu: '250m' } } });
    assert.deepEqual([COLOUR, PASSWORD, IP, CPU], ['red', 'geheim', '10.244.0.5', '250']);
  });

  test('all keys, prefixed', () => {
    const envFrom = [{ prefix: 'P_', secretRef: { name: 'login' } }];
    assert.equal(all({ envFrom })['P_password'], 'geheim');
  });

  test('what is optional and missing is left out', () => {
    const reference = { name: 'none', key: 'none', optional: true };
    const env = [
      { name: 'A', valueFrom: { configMapKeyRef: reference } },
      { name: 'B', valueFrom: { secretKeyRef: reference } },
      {
        name: 'C',
        valueFrom: { configMapKeyRef: { name: 'settings', key: 'none', optional: true } },
      },
    ];
    const envFrom = [{ configMapRef: { name: 'none', optional: true } }];
    assert.deepEqual(Object.keys(all({ env, envFrom })), ['WEB_SERVICE_HOST']);
  });

  for (const [what, container, message] of [
    [
      'a ConfigMap',
      { envFrom: [{ configMapRef: { name: 'none' } }] },
      'configmap "none" not found',
    ],
    ['a Secret', { envFrom: [{ secretRef: { name: 'none' } }] }, 'secret "none" not found'],
    [
      'a Secret of a key',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }] },
      'secret "none" not found',
    ],
    [
      'a key',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } }] },
      "couldn't find key k in ConfigMap shop/settings",
    ],
  ] as const) {
    test(`a missing ${what} is told`, () => {
      assert.throws(() => environment(container as unknown as Partial<Container>), {
        code: 'CREATE_CONTAINER_CONFIG_ERROR',
        message,
      });
    });
  }
});
