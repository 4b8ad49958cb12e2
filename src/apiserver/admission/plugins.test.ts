import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../clock/index.ts';
import {
  ingressClassKind,
  ingressKind,
  namespaceKind,
  podKind,
  serviceKind,
  type AnyObject,
  type Ingress,
  type KubeObject,
  type Namespace,
  type Pod,
  type PodSpec,
  type Service,
  type ServiceSpec,
} from '../../kube/index.ts';
import { ServiceAllocator } from '../allocation/service-allocator.ts';
import { DefaultIngressClass } from './default-ingress-class.ts';
import { DefaultTolerationSeconds } from './default-toleration-seconds.ts';
import { NamespaceLifecycle } from './namespace-lifecycle.ts';
import { Priority } from './priority.ts';
import { ServiceAccount } from './service-account.ts';
import { ServiceAllocation } from './service-allocation.ts';
import { creation, readerOf, refusal, requestOf } from './testing/requests.ts';

function namespace(name: string, phase: 'Active' | 'Terminating' = 'Active'): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase } };
}

function pod(spec: Partial<PodSpec> = {}, namespace = 'default'): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace },
    spec: { containers: [{ name: 'main', image: 'busybox' }], ...structuredClone(spec) },
  };
}

describe('NamespaceLifecycle', () => {
  const plugin = new NamespaceLifecycle(
    readerOf([namespace('default'), namespace('going', 'Terminating')]),
  );
  const cases: readonly [string, ReturnType<typeof creation>, string | undefined][] = [
    ['a namespace that exists', creation(podKind, pod()), undefined],
    [
      'a namespace that does not',
      creation(podKind, pod({}, 'nope')),
      '404 namespaces "nope" not found',
    ],
    [
      'a namespace that is being deleted',
      creation(podKind, pod({}, 'going')),
      '403 pods "web" is forbidden: unable to create new content in namespace going because it is being terminated',
    ],
    [
      'the deletion of default',
      requestOf(namespaceKind, {
        operation: 'DELETE',
        previous: namespace('default') as unknown as AnyObject,
      }),
      '403 namespaces "default" is forbidden: this namespace may not be deleted',
    ],
    [
      'the deletion of another namespace',
      requestOf(namespaceKind, {
        operation: 'DELETE',
        previous: namespace('going') as unknown as AnyObject,
      }),
      undefined,
    ],
  ];
  for (const [what, request, expected] of cases) {
    test(what, async () => assert.equal(await refusal(plugin, request), expected));
  }
});

describe('ServiceAccount', () => {
  const account = (name: string, parts: object = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: 'default' },
    ...parts,
  });
  const make = (objects: readonly KubeObject[], clock = new FakeClock(0)): ServiceAccount =>
    new ServiceAccount({
      reader: readerOf(objects),
      clock,
      generateName: (prefix) => `${prefix}abcde`,
    });

  test('mounts a token, the CA and the namespace for the default account', async () => {
    const made = pod({ initContainers: [{ name: 'init', image: 'busybox' }] });
    await make([account('default')]).admit(creation(podKind, made));
    assert.equal(made.spec.serviceAccountName, 'default');
    const [volume] = made.spec.volumes ?? [];
    assert.equal(volume?.name, 'kube-api-access-abcde');
    assert.deepEqual(
      volume?.projected?.sources?.map((source) => Object.keys(source)[0]),
      ['serviceAccountToken', 'configMap', 'downwardAPI'],
    );
    assert.equal(volume?.projected?.sources?.[0]?.serviceAccountToken?.expirationSeconds, 3607);
    for (const container of [...made.spec.containers, ...(made.spec.initContainers ?? [])]) {
      assert.deepEqual(container.volumeMounts, [
        {
          name: 'kube-api-access-abcde',
          mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
          readOnly: true,
        },
      ]);
    }
  });

  const withoutMount: readonly [string, Partial<PodSpec>, object][] = [
    ['the pod wants none', { automountServiceAccountToken: false }, {}],
    ['the account wants none', {}, { automountServiceAccountToken: false }],
  ];
  for (const [what, spec, parts] of withoutMount) {
    test(`mounts nothing when ${what}`, async () => {
      const made = pod(spec);
      await make([account('default', parts)]).admit(creation(podKind, made));
      assert.equal(made.spec.volumes, undefined);
    });
  }

  test("the pod's own word wins over the account's, and it takes over pull secrets", async () => {
    const made = pod({ automountServiceAccountToken: true });
    const parts = { automountServiceAccountToken: false, imagePullSecrets: [{ name: 'registry' }] };
    await make([account('default', parts)]).admit(creation(podKind, made));
    assert.equal(made.spec.volumes?.length, 1);
    assert.deepEqual(made.spec.imagePullSecrets, [{ name: 'registry' }]);
  });

  test('refuses an account that does not exist', async () => {
    assert.equal(
      await refusal(make([]), creation(podKind, pod({ serviceAccountName: 'robot' }))),
      '403 pods "web" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
    );
  });

  test('waits for the default account of a new namespace', async () => {
    const clock = new FakeClock(0);
    const objects: KubeObject[] = [];
    const made = pod();
    const admitted = make(objects, clock).admit(creation(podKind, made));
    await clock.advance(150);
    objects.push(account('default'));
    await clock.advance(100);
    await admitted;
    assert.equal(made.spec.volumes?.length, 1);
  });
});

describe('pods', () => {
  test('DefaultTolerationSeconds adds what the pod does not say itself', () => {
    const made = pod({
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }],
    });
    new DefaultTolerationSeconds().admit(creation(podKind, made));
    assert.deepEqual(made.spec.tolerations?.slice(1), [
      {
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ]);
    const tolerant = pod({ tolerations: [{ operator: 'Exists' }] });
    new DefaultTolerationSeconds().admit(creation(podKind, tolerant));
    assert.equal(tolerant.spec.tolerations?.length, 1);
  });

  const priorityClass = (name: string, value: number, globalDefault = false): KubeObject =>
    ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      globalDefault,
      preemptionPolicy: 'Never',
    }) as KubeObject;
  const priorities: readonly [
    what: string,
    spec: Partial<PodSpec>,
    priority: number,
    KubeObject[],
  ][] = [
    ['none', {}, 0, []],
    ['a system class', { priorityClassName: 'system-node-critical' }, 2_000_001_000, []],
    ['a stored class', { priorityClassName: 'gold' }, 7, [priorityClass('gold', 7)]],
    ['the default class', {}, 3, [priorityClass('high', 9, true), priorityClass('low', 3, true)]],
  ];
  for (const [what, spec, priority, classes] of priorities) {
    test(`Priority of a pod with ${what}`, async () => {
      const made = pod(spec);
      await new Priority(readerOf(classes)).admit(creation(podKind, made));
      assert.equal(made.spec.priority, priority);
      const preemption = classes.length === 0 ? 'PreemptLowerPriority' : 'Never';
      assert.equal(made.spec.preemptionPolicy, preemption);
    });
  }

  test('Priority refuses a class that does not exist, and a number of its own', async () => {
    const plugin = new Priority(readerOf([]));
    assert.equal(
      await refusal(plugin, creation(podKind, pod({ priorityClassName: 'gold' }))),
      '403 pods "web" is forbidden: no PriorityClass with name gold was found',
    );
    assert.match(
      (await refusal(plugin, creation(podKind, pod({ priority: 5 })))) ?? '',
      /the integer value of priority \(5\) must not be provided in pod spec/,
    );
  });
});

test('DefaultIngressClass takes the newest default, and leaves a class that is named', async () => {
  const ingressClass = (name: string, creationTimestamp: string): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: ingressClassKind.kind,
    metadata: {
      name,
      creationTimestamp,
      annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
    },
  });
  const plugin = new DefaultIngressClass(
    readerOf([
      ingressClass('old', '2026-01-01T00:00:00Z'),
      ingressClass('new', '2026-02-01T00:00:00Z'),
    ]),
  );
  const ingress = (ingressClassName?: string): Ingress => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'default' },
    spec: ingressClassName === undefined ? {} : { ingressClassName },
  });
  const plain = ingress();
  await plugin.admit(creation(ingressKind, plain));
  assert.equal(plain.spec.ingressClassName, 'new');
  const named = ingress('other');
  await plugin.admit(creation(ingressKind, named));
  assert.equal(named.spec.ingressClassName, 'other');
});

describe('ServiceAllocation', () => {
  const service = (name: string, spec: ServiceSpec = {}): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', uid: `uid-of-${name}` },
    spec: { ports: [{ port: 80 }], ...structuredClone(spec) },
  });
  const make = (objects: readonly KubeObject[]): ServiceAllocation =>
    new ServiceAllocation({
      reader: readerOf(objects),
      allocator: new ServiceAllocator({
        serviceCidrs: ['10.96.0.0/12'],
        nodePorts: { first: 30_000, last: 32_767 },
        pick: () => 0,
      }),
    });

  test('knows what stored Services hold before the first write', async () => {
    const plugin = make([service('old', { clusterIP: '10.96.1.1', clusterIPs: ['10.96.1.1'] })]);
    const made = service('new');
    await plugin.admit(creation(serviceKind, made));
    assert.equal(made.spec.clusterIP, '10.96.1.2');
  });

  test('takes addresses from the stored ServiceCIDRs, the first one of the cluster first', async () => {
    const cidr = (name: string, range: string): KubeObject =>
      ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'ServiceCIDR',
        metadata: { name },
        spec: { cidrs: [range] },
      }) as KubeObject;
    const plugin = make([cidr('another', '10.1.0.0/24'), cidr('kubernetes', '10.2.0.0/24')]);
    const made = service('x');
    await plugin.admit(creation(serviceKind, made));
    assert.equal(made.spec.clusterIP, '10.2.0.17');
  });

  test('a write that failed gives back, a delete frees', async () => {
    const plugin = make([]);
    const made = service('a', { clusterIP: '10.96.0.9' });
    (await plugin.admit(creation(serviceKind, made)))?.undo?.();
    const stored = service('b', { clusterIP: '10.96.0.9' });
    (await plugin.admit(creation(serviceKind, stored)))?.done?.(stored as unknown as AnyObject);
    const removal = requestOf(serviceKind, {
      operation: 'DELETE',
      previous: stored as unknown as AnyObject,
    });
    (await plugin.admit(removal))?.done?.(stored as unknown as AnyObject);
    assert.equal(
      await refusal(plugin, creation(serviceKind, service('c', { clusterIP: '10.96.0.9' }))),
      undefined,
    );
  });
});
