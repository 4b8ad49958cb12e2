// Network policies as a course shows them: with kubectl, and with the packets that they stop.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestCluster, until, untilMatch } from './harness.ts';
import { manifest, pod, sleeper, webServer } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

const accessNginx = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'access-nginx' },
  spec: {
    podSelector: { matchLabels: { app: 'nginx' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { access: 'true' } } }] }],
  },
};

/** MAX_HOOK_COUNT of net/netfilter/core.c: chains on one hook. */
const HOOKS = 1024;

/** What the course types; `-it` needs a terminal. */
const spider = ['exec', 'busybox', '--', 'wget', '--spider', '--timeout=1', 'nginx'];

before(async () => {
  await cluster.start('--nodes', '2');
  await kubectl.apply(
    manifest(
      pod('nginx', { containers: [webServer], nodeName: 'node2' }),
      pod('busybox', { containers: [sleeper], nodeName: 'node1' }),
    ),
  );
  await kubectl('expose', 'pod', 'nginx', '--port=80', '--target-port=8080');
  await kubectl.wait('pod', 'condition=Ready', '--all');
});
after(() => cluster.close());

describe('a course about network policies', () => {
  test('says what a policy does, and the policy does it', async () => {
    await kubectl(...spider);
    const made = await kubectl.run(['apply', '-f', '-'], { input: JSON.stringify(accessNginx) });
    assert.equal(made.stdout, 'networkpolicy.networking.k8s.io/access-nginx created\n');
    // It tells what a learner may have mistyped; here the label comes later.
    assert.match(made.stderr, /^Warning: .* matches no pod \(access=true\)\n$/);
    assert.match(await kubectl('get', 'networkpolicy'), /^access-nginx +app=nginx +\d+s$/m);
    const described = await kubectl('describe', 'networkpolicy');
    for (const line of [
      '  PodSelector:     app=nginx',
      '  Allowing ingress traffic:',
      '    To Port: <any> (traffic allowed to all ports)',
      '      PodSelector: access=true',
      '  Not affecting egress traffic',
      '  Policy Types: Ingress',
    ]) {
      assert.ok(described.includes(line), described);
    }
    assert.match(await kubectl.fails(...spider), /download timed out/);
  });

  test('admits who gets the label, and no longer who loses it', async () => {
    await kubectl('label', 'pod', 'busybox', 'access=true');
    await kubectl(...spider);
    await kubectl('label', 'pod', 'busybox', 'access-');
    assert.match(await kubectl.fails(...spider), /download timed out/);
  });

  test('tells the pod that did not admit what happened', async () => {
    await untilMatch(
      /pod\/nginx +ingress does not admit TCP from default\/busybox .* isolated by NetworkPolicy default\/access-nginx \(NO_RULE_ADMITS\)/,
      () => kubectl('get', 'events', '--field-selector', 'reason=NetworkPolicyDrop'),
    );
  });

  test('isolates new pods of a namespace before they can be reached', async () => {
    await kubectl('create', 'namespace', 'closed');
    const deny = { ...accessNginx, metadata: { name: 'deny', namespace: 'closed' } };
    await kubectl.apply(JSON.stringify({ ...deny, spec: { podSelector: {} } }));
    await kubectl.apply(
      JSON.stringify({
        ...pod('late', { containers: [webServer] }),
        metadata: { name: 'late', namespace: 'closed' },
      }),
    );
    await kubectl.wait('pod/late', 'condition=Ready', '-n', 'closed');
    const ip = await kubectl.read('{.status.podIP}', 'pod', 'late', '-n', 'closed');
    const fetch = ['exec', 'busybox', '--', 'wget', '-qO-', '-T', '1', `http://${ip}:8080`];
    assert.match(await kubectl.fails(...fetch), /download timed out/);
    await kubectl('delete', 'namespace', 'closed');
  });

  test('goes on across a restart of the daemon', async () => {
    const { pid } = JSON.parse(await cluster.portolan('status', '-o', 'json')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await cluster.start();
    assert.match(await kubectl.fails(...spider), /download timed out/);
  });

  test('stays in force when a kernel refuses changes, and the node says that it is not ready', async () => {
    const onNode = (commands: string): Promise<string> =>
      cluster.portolan('exec', 'node2', '--', 'nft', commands);
    // The forward hook has no room left, so that tables cannot be replaced; a strange set makes that necessary.
    const fillers = Array.from(
      { length: HOOKS - 2 },
      (_, at) => `add chain ip filler c${at} { type filter hook forward priority 300; }`,
    );
    await onNode(['add table ip filler', ...fillers].join(';'));
    await onNode('add set ip portolan-policy strange { type ipv4_addr; }');
    await kubectl('label', 'pod', 'busybox', 'access=true');
    await kubectl.wait('node/node2', 'condition=Ready=false');
    const message = await kubectl.read(
      '{.status.conditions[?(@.type=="Ready")].message}',
      'node',
      'node2',
    );
    assert.match(message, /PolicyProgrammingFailed: cannot program network policies: /);
    assert.match(await kubectl.fails(...spider), /download timed out/);
    await onNode('delete table ip filler');
    await kubectl.wait('node/node2', 'condition=Ready');
    await kubectl(...spider);
    await kubectl('label', 'pod', 'busybox', 'access-');
  });

  test('has no effect any more when it is deleted', async () => {
    await kubectl('delete', 'networkpolicy', 'access-nginx');
    await until('nginx answers', async () => {
      const { code } = await kubectl.run(spider);
      return code === 0 ? true : undefined;
    });
  });

  test('cuts names off from pods without egress, and admits them by the pods of cluster DNS', async () => {
    const egress = (rules: readonly object[]) =>
      JSON.stringify({
        ...accessNginx,
        metadata: { name: 'egress' },
        spec: {
          podSelector: { matchLabels: { app: 'busybox' } },
          policyTypes: ['Egress'],
          egress: rules,
        },
      });
    const lookup = [
      'exec',
      'busybox',
      '--',
      'timeout',
      '2',
      'nslookup',
      'nginx.default.svc.cluster.local',
    ];
    await kubectl(...lookup);
    await kubectl.apply(egress([]));
    await kubectl.fails(...lookup);
    const dns = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    };
    await kubectl.apply(egress([{ to: [dns], ports: [{ protocol: 'UDP', port: 53 }] }]));
    await kubectl(...lookup);
    await kubectl('delete', 'networkpolicy', 'egress');
  });
});
