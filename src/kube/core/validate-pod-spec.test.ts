import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldErrors } from '../testing/kind-checks.ts';
import type { Container } from './container.ts';
import type { PodSpec } from './pod-spec.ts';
import { podKind } from './pod.ts';
import type { Volume } from './volume.ts';

const main: Container = { name: 'main', image: 'busybox' };

type Case = readonly [what: string, spec: object, ...errors: string[]];

function withContainer(parts: object): Partial<PodSpec> {
  return { containers: [{ ...main, ...parts }] };
}

function withVolume(parts: Partial<Volume> & object): Partial<PodSpec> {
  return { containers: [main], volumes: [{ name: 'v', ...parts }] };
}

const pods: readonly Case[] = [
  ['no containers', { containers: [] }, 'spec.containers: Required value'],
  [
    'an unknown restart policy',
    { containers: [main], restartPolicy: 'Sometimes' },
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
  ],
  [
    'an unknown DNS policy',
    { containers: [main], dnsPolicy: 'First' },
    'spec.dnsPolicy: Unsupported value: "First": supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"',
  ],
  [
    'no name server of its own',
    { containers: [main], dnsPolicy: 'None' },
    'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
  ],
  [
    'too many name servers',
    { containers: [main], dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', 'x'] } },
    'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","x"]: must not have more than 3 nameservers',
    'spec.dnsConfig.nameservers[3]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [
    'a toleration of nothing',
    { containers: [main], tolerations: [{ operator: 'Equal', value: 'x' }] },
    'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  ],
  [
    'seconds for a taint that does not evict',
    { containers: [main], tolerations: [{ key: 'a', operator: 'Exists', tolerationSeconds: 1 }] },
    'spec.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  [
    'an impossible deadline',
    { containers: [main], activeDeadlineSeconds: 0 },
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  [
    'a spread without a key',
    {
      containers: [main],
      topologySpreadConstraints: [
        { maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'DoNotSchedule' },
      ],
    },
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
    'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
  ],
  [
    'a node affinity without terms',
    {
      containers: [main],
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
      },
    },
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
];

const containers: readonly Case[] = [
  ['no image', withContainer({ image: '' }), 'spec.containers[0].image: Required value'],
  [
    'blanks around the image',
    withContainer({ image: ' busybox' }),
    'spec.containers[0].image: Invalid value: " busybox": must not have leading or trailing whitespace',
  ],
  [
    'one name twice',
    { containers: [main], initContainers: [main] },
    'spec.initContainers[0].name: Duplicate value: "main"',
  ],
  [
    'an unknown pull policy',
    withContainer({ imagePullPolicy: 'Often' }),
    'spec.containers[0].imagePullPolicy: Unsupported value: "Often": supported values: "Always", "IfNotPresent", "Never"',
  ],
  [
    'ports that are none',
    withContainer({ ports: [{ containerPort: 0 }, { containerPort: 99_999, name: 'Web' }] }),
    'spec.containers[0].ports[0].containerPort: Required value',
    'spec.containers[0].ports[1].name: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    'spec.containers[0].ports[1].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
  ],
  [
    'one host port twice',
    {
      containers: [
        { ...main, ports: [{ containerPort: 80, hostPort: 80 }] },
        { ...main, name: 'other', ports: [{ containerPort: 81, hostPort: 80 }] },
      ],
    },
    'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
  ],
  [
    'another port on the host than in the container, in its network',
    { hostNetwork: true, ...withContainer({ ports: [{ containerPort: 80, hostPort: 81 }] }) },
    'spec.containers[0].ports[0].containerPort: Invalid value: 80: must match `hostPort` when `hostNetwork` is true',
  ],
  [
    'a variable with value and source',
    withContainer({
      env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
    }),
    'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  [
    'a field that variables cannot have',
    withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }] }),
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
  ],
  [
    'variables from nowhere',
    withContainer({ envFrom: [{}] }),
    'spec.containers[0].envFrom[0]: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
  ],
  [
    'mounts of what is not there, twice at one path',
    withContainer({
      volumeMounts: [
        { name: 'v', mountPath: '/a' },
        { name: 'v', mountPath: '/a', subPath: '../b' },
      ],
    }),
    'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    'spec.containers[0].volumeMounts[1].name: Not found: "v"',
    'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
    'spec.containers[0].volumeMounts[1].subPath: Invalid value: "../b": must not contain \'..\'',
  ],
  [
    'a probe without handler',
    withContainer({ livenessProbe: {} }),
    'spec.containers[0].livenessProbe: Required value: must specify a handler type',
  ],
  [
    'a probe with two handlers',
    withContainer({ readinessProbe: { httpGet: { port: 80 }, tcpSocket: { port: 80 } } }),
    'spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
  ],
  [
    'a liveness probe that must succeed twice',
    withContainer({ livenessProbe: { exec: { command: ['true'] }, successThreshold: 2 } }),
    'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
  ],
  [
    'a request above its limit',
    withContainer({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }),
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    'a probe on an init container that ends',
    {
      containers: [main],
      initContainers: [{ ...main, name: 'i', readinessProbe: { tcpSocket: { port: 1 } } }],
    },
    'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [
    'a restart policy on a main container',
    withContainer({ restartPolicy: 'Always' }),
    'spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers',
  ],
  [
    'an id that is none',
    withContainer({ securityContext: { runAsUser: -1 } }),
    'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
];

const volumes: readonly Case[] = [
  [
    'two sources',
    withVolume({ emptyDir: {}, hostPath: { path: '/a' } }),
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  [
    'one name twice',
    { containers: [main], volumes: [{ name: 'v' }, { name: 'v' }] },
    'spec.volumes[1].name: Duplicate value: "v"',
  ],
  [
    'a secret without name',
    withVolume({ secret: {} }),
    'spec.volumes[0].secret.secretName: Required value',
  ],
  [
    'a path out of the volume',
    withVolume({ configMap: { name: 'c', items: [{ key: 'k', path: '/etc/x' }] } }),
    'spec.volumes[0].configMap.items[0].path: Invalid value: "/etc/x": must be a relative path',
  ],
  [
    'a mode that is none',
    withVolume({ configMap: { name: 'c', defaultMode: 644 } }),
    'spec.volumes[0].configMap.defaultMode: Invalid value: 644: must be a number between 0 and 0777 (octal), both inclusive',
  ],
  [
    'a token that ends too soon',
    withVolume({
      projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 60 } }] },
    }),
    'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
  ],
  [
    'a downward file of nothing',
    withVolume({ downwardAPI: { items: [{ path: 'a' }] } }),
    'spec.volumes[0].downwardAPI.items[0]: Required value: one of fieldRef and resourceFieldRef is required',
  ],
];

for (const [group, cases] of Object.entries({ pods, containers, volumes })) {
  describe(`${group} that are refused`, () => {
    for (const [what, spec, ...errors] of cases) {
      test(what, () => assert.deepEqual(fieldErrors(podKind, { spec }), errors));
    }
  });
}

test('a pod that uses much of it all is fine', () => {
  const spec: PodSpec = {
    initContainers: [
      { ...main, name: 'sidecar', restartPolicy: 'Always', startupProbe: { grpc: { port: 9000 } } },
    ],
    containers: [
      {
        ...main,
        ports: [{ name: 'http', containerPort: 80 }],
        env: [
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
          { name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        ],
        envFrom: [{ configMapRef: { name: 'c' }, prefix: 'C_' }],
        volumeMounts: [{ name: 'config', mountPath: '/etc/config', subPath: 'a/b' }],
        readinessProbe: { httpGet: { port: 'http', httpHeaders: [{ name: 'X-A', value: 'b' }] } },
        lifecycle: { preStop: { sleep: { seconds: 1 } } },
        resources: { limits: { cpu: '1', 'example.com/gpu': 1 }, requests: { memory: '1Gi' } },
        securityContext: { capabilities: { add: ['NET_ADMIN'] }, allowPrivilegeEscalation: false },
      },
    ],
    volumes: [{ name: 'config', configMap: { name: 'c', items: [{ key: 'k', path: 'a/b' }] } }],
    tolerations: [{ operator: 'Exists' }],
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 1,
            podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: {} },
          },
        ],
      },
    },
    hostAliases: [{ ip: '127.0.0.1', hostnames: ['a.b'] }],
  };
  assert.deepEqual(fieldErrors(podKind, { spec }), []);
});
