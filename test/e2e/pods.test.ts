// What a container sees: its environment, its files, its neighbours, its limits.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TestCluster, untilMatch } from './harness.ts';
import { container, manifest, pod, sleeper, webServer } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

function configMap(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'password' },
  stringData: { password: 'open sesame' },
};

const environment = pod('environment', {
  labels: { color: 'red' },
  containers: [
    {
      ...sleeper,
      resources: { limits: { memory: '64Mi', cpu: '500m' } },
      envFrom: [{ configMapRef: { name: 'settings' }, prefix: 'SET_' }],
      env: [
        { name: 'PLAIN', value: 'value' },
        { name: 'COMPOSED', value: '$(PLAIN) and $$(PLAIN)' },
        {
          name: 'FROM_SECRET',
          valueFrom: { secretKeyRef: { name: 'password', key: 'password' } },
        },
        {
          name: 'FROM_MAP',
          valueFrom: { configMapKeyRef: { name: 'settings', key: 'none', optional: true } },
        },
        { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        { name: 'COLOR', valueFrom: { fieldRef: { fieldPath: "metadata.labels['color']" } } },
        { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
      ],
    },
  ],
});

const volumes = pod('volumes', {
  containers: [
    {
      ...sleeper,
      volumeMounts: [
        { name: 'settings', mountPath: '/settings' },
        { name: 'settings', mountPath: '/etc/one.conf', subPath: 'one' },
        { name: 'password', mountPath: '/secret', readOnly: true },
        { name: 'facts', mountPath: '/facts' },
        { name: 'all', mountPath: '/all' },
        { name: 'shared', mountPath: '/shared' },
        { name: 'ram', mountPath: '/ram' },
      ],
    },
    {
      name: 'other',
      script: 'echo from the other > /shared/note; sleep 2147483647',
      volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
    },
  ],
  volumes: [
    { name: 'settings', configMap: { name: 'settings' } },
    { name: 'password', secret: { secretName: 'password', defaultMode: 0o400 } },
    {
      name: 'facts',
      downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
    },
    {
      name: 'all',
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token', audience: 'vault', expirationSeconds: 3600 } },
          { secret: { name: 'password' } },
          { configMap: { name: 'settings', items: [{ key: 'one', path: 'deep/one' }] } },
        ],
      },
    },
    { name: 'shared', emptyDir: {} },
    { name: 'ram', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } },
  ],
});

const memory = [{ name: 'memory', mountPath: '/memory' }];
const initialised = pod('initialised', {
  initContainers: [
    container({ name: 'first', script: 'echo first >> /memory/order', volumeMounts: memory }),
    container({
      name: 'sidecar',
      script: 'echo sidecar >> /memory/order; touch /memory/up; sleep 2147483647',
      restartPolicy: 'Always',
      startupProbe: { exec: { command: ['test', '-e', '/memory/up'] }, periodSeconds: 1 },
      volumeMounts: memory,
    }),
    container({ name: 'second', script: 'echo second >> /memory/order', volumeMounts: memory }),
  ],
  containers: [{ script: 'echo main >> /memory/order; sleep 2147483647', volumeMounts: memory }],
  volumes: [{ name: 'memory', emptyDir: {} }],
});

const guarded = pod('guarded', {
  securityContext: { runAsUser: 1234, runAsGroup: 2345, fsGroup: 3456, supplementalGroups: [4567] },
  containers: [
    {
      ...sleeper,
      workingDir: '/tmp',
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
      },
      volumeMounts: memory,
    },
  ],
  volumes: [{ name: 'memory', emptyDir: {} }],
});

const neighbours = pod('neighbours', { containers: [webServer, { name: 'other', ...sleeper }] });
const onHost = pod('on-host', { hostNetwork: true, nodeName: 'node2', containers: [sleeper] });
const starving = pod('starving', {
  containers: [{ ...sleeper, envFrom: [{ configMapRef: { name: 'late' } }] }],
});
const standIn = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'unwritten' },
  spec: { containers: [{ name: 'main', image: 'example.invalid/not-yet:v1' }] },
};

before(async () => {
  await cluster.start();
  const settings = configMap('settings', { one: 'first', two: 'second' });
  const pods = [environment, volumes, initialised, guarded, neighbours, onHost, standIn];
  await kubectl.apply(manifest(settings, secret, ...pods, starving));
  const names = pods.map((one) => (one as { metadata: { name: string } }).metadata.name);
  await kubectl('wait', 'pod', ...names, '--for=condition=Ready', '--timeout=60s');
});
after(() => cluster.close());

function cat(name: string, path: string): Promise<string> {
  return cluster.exec(name, 'cat', path);
}

describe('environment', () => {
  test('comes from values, objects, fields and resources', async () => {
    const lines = new Set((await cluster.exec('environment', 'env')).split('\n'));
    const status = await kubectl.read('{.status.podIP} {.spec.nodeName}', 'pod', 'environment');
    const [ip, node] = status.split(' ');
    for (const line of [
      'PLAIN=value',
      'COMPOSED=value and $(PLAIN)',
      'SET_one=first',
      'SET_two=second',
      'FROM_SECRET=open sesame',
      'NAME=environment',
      `IP=${ip}`,
      `NODE=${node}`,
      'COLOR=red',
      `MEMORY=${64 * 1024 * 1024}`,
      'KUBERNETES_SERVICE_HOST=10.96.0.1',
      'KUBERNETES_SERVICE_PORT=443',
      'HOSTNAME=environment',
    ])
      assert.ok(lines.has(line), line);
    assert.ok(![...lines].some((line) => line.startsWith('FROM_MAP=')));
  });

  test('a missing ConfigMap is waited for', async () => {
    const state = '{.status.containerStatuses[0].state.waiting.reason}';
    await untilMatch(/^CreateContainerConfigError$/, () => kubectl.read(state, 'pod', 'starving'));
    assert.match(
      await kubectl('get', 'pod', 'starving'),
      /^starving +0\/1 +CreateContainerConfigError +0 /m,
    );
    assert.match(await kubectl('describe', 'pod', 'starving'), /configmap "late" not found/);
    await kubectl('create', 'configmap', 'late', '--from-literal=LATE=come');
    await kubectl.wait('pod/starving', 'condition=Ready');
    assert.match(await cluster.exec('starving', 'env'), /^LATE=come$/m);
  });
});

describe('volumes', () => {
  test('a ConfigMap is files, which follow it', async () => {
    assert.equal(await cat('volumes', '/settings/one'), 'first');
    assert.equal(await cat('volumes', '/etc/one.conf'), 'first');
    await kubectl('patch', 'configmap', 'settings', '-p', '{"data":{"one":"changed"}}');
    await untilMatch(/^changed$/, () => cat('volumes', '/settings/one'));
    await untilMatch(/^changed$/, () => cat('volumes', '/all/deep/one'));
    assert.equal(await cat('volumes', '/etc/one.conf'), 'first', 'a subPath does not follow');
  });

  test('a Secret is files with the mode that is asked for', async () => {
    assert.equal(await cat('volumes', '/secret/password'), 'open sesame');
    assert.equal(await cluster.exec('volumes', 'stat', '-Lc%a', '/secret/password'), '400');
    assert.match(await kubectl.fails('exec', 'volumes', '--', 'touch', '/secret/x'), /Read-only/);
  });

  test('labels, and a token for an audience', async () => {
    assert.equal(await cat('volumes', '/facts/labels'), 'app="volumes"');
    const [, claims = ''] = (await cat('volumes', '/all/token')).split('.');
    const { aud, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
      aud: string[];
      sub: string;
    };
    assert.deepEqual(aud, ['vault']);
    assert.equal(sub, 'system:serviceaccount:default:default');
  });

  test('an emptyDir is shared, one in memory is limited', async () => {
    assert.equal(await cat('volumes', '/shared/note'), 'from the other');
    assert.match(await cluster.exec('volumes', 'df', '-k', '/ram'), /^tmpfs +8192 /m);
  });
});

describe('containers', () => {
  test('init containers run in order, a sidecar goes on beside them', async () => {
    assert.equal(await cat('initialised', '/memory/order'), 'first\nsidecar\nsecond\nmain');
    const running = '{.status.initContainerStatuses[?(@.name=="sidecar")].state.running.startedAt}';
    assert.notEqual(await kubectl.read(running, 'pod', 'initialised'), '');
    assert.match(await kubectl('get', 'pod', 'initialised'), /^initialised +2\/2 +Running +0 /m);
  });

  test('the securityContext is kept', async () => {
    assert.equal(await cluster.exec('guarded', 'id', '-u'), '1234');
    assert.equal(await cluster.exec('guarded', 'id', '-g'), '2345');
    assert.deepEqual((await cluster.exec('guarded', 'id', '-G')).split(' ').sort(), [
      '2345',
      '3456',
      '4567',
    ]);
    assert.equal(await cluster.exec('guarded', 'pwd'), '/tmp');
    const status = await cat('guarded', '/proc/1/status');
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^Seccomp:\t[02]$/m);
    assert.match(status, /^CapBnd:\t0000000000000400$/m);
    assert.match(await kubectl.fails('exec', 'guarded', '--', 'touch', '/x'), /Read-only/);
    await cluster.exec('guarded', 'touch', '/memory/mine');
    assert.equal(await cluster.exec('guarded', 'stat', '-c%g', '/memory/mine'), '3456');
  });

  test('limits are the control group’s', async () => {
    const id = await kubectl.read(
      '{.status.containerStatuses[0].containerID}',
      'pod',
      'environment',
    );
    assert.match(id, /^runc:\/\/|^portolan:\/\//);
    const pid = await hostPid('environment');
    const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
    const [, controllers = '', path = ''] =
      /^\d+:([^:]*memory[^:]*):(.*)$/m.exec(groups) ?? /^0:(:)(.*)$/m.exec(groups) ?? [];
    const file =
      controllers === ':'
        ? join('/sys/fs/cgroup', path, 'memory.max')
        : join('/sys/fs/cgroup/memory', path, 'memory.limit_in_bytes');
    assert.ok(existsSync(file), file);
    assert.equal(readFileSync(file, 'utf8').trim(), String(64 * 1024 * 1024));
    assert.match(await kubectl('describe', 'pod', 'environment'), /^QoS Class: +Guaranteed$/m);
  });

  test('containers of a pod share localhost, and nothing but files apart', async () => {
    const url = 'http://127.0.0.1:8080/';
    const args = ['exec', 'neighbours', '-c', 'other', '--', 'wget', '-qO-', url];
    assert.equal(await kubectl(...args), 'page of neighbours');
    assert.match(
      await kubectl.fails('exec', 'neighbours', '-c', 'other', '--', 'cat', '/www/index.html'),
      /No such file/,
    );
  });

  test('hostNetwork is the node’s own', async () => {
    assert.equal(await kubectl.read('{.status.podIP}', 'pod', 'on-host'), '172.18.0.3');
    assert.match(await cluster.exec('on-host', 'ip', 'addr'), /inet 172\.18\.0\.3\//);
    assert.equal(await cluster.exec('on-host', 'hostname'), 'node2');
  });

  test('a stand-in is never silent', async () => {
    assert.match(
      await kubectl.read('{.status.containerStatuses[0].imageID}', 'pod', 'unwritten'),
      /^stand-in:\/\//,
    );
    assert.match(
      await kubectl('get', 'events', '--field-selector=involvedObject.name=unwritten'),
      /StandIn .*Image "example\.invalid\/not-yet:v1" is neither imported nor pullable/,
    );
    assert.match(
      await cluster.portolan('status'),
      /example\.invalid\/not-yet:v1 +default\/unwritten/,
    );
    assert.match(await cluster.exec('unwritten', 'hostname'), /^unwritten$/);
  });
});

/** The number that the pod's first process has on the host: its environment names the pod. */
async function hostPid(name: string): Promise<string> {
  const uid = await kubectl.read('{.metadata.uid}', 'pod', name);
  const listed = await cluster.ok('sh', ['-c', `grep -l '${uid}' /proc/[0-9]*/cgroup || true`]);
  const [first = ''] = listed.split('\n');
  return first.split('/')[2] ?? '';
}
