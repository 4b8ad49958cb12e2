import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { formatAddress } from '../../ip/index.ts';
import { sctpInit } from './testing/hand-built.ts';
import type { LabHost } from './testing/lab-traffic.ts';
import { PolicyLab, type LabNode, type LabPod } from './testing/policy-lab.ts';

const app = (name: string) => ({ matchLabels: { app: name } });
const clusterIP = '10.96.0.1';
const clusterIPv6 = 'fd00:10:96::1';
const NODE_PORT = 30_080;

describe('the ways that packets take, under policies', () => {
  let lab: PolicyLab;
  let a: LabPod;
  let b: LabPod;
  let far: LabPod;
  let node1: LabNode;
  let node2: LabNode;
  const closers: (() => void)[] = [];

  before(async () => {
    lab = await PolicyLab.create();
    [node1, node2] = lab.nodes as [LabNode, LabNode];
    a = await lab.pod({ name: 'a', labels: { app: 'a' } });
    b = await lab.pod({ name: 'b', labels: { app: 'b' } });
    far = await lab.pod({ name: 'far', labels: { app: 'far' }, node: 1 });
  });
  after(() => {
    for (const close of closers) close();
    lab.dispose();
  });
  afterEach(() => {
    lab.clear();
    lab.service([]);
  });

  const isolate = (name: string, from: readonly object[] = []): void =>
    lab.policy('isolate', {
      podSelector: app(name),
      ...(from.length > 0 && { ingress: [{ from: [...from] }] }),
    });
  const noEgress = (name: string): void =>
    lab.policy('no-egress', { podSelector: app(name), policyTypes: ['Egress'] });
  const address = (host: LabHost, at = 0): string => {
    const found = host.addresses[at];
    assert.ok(found);
    return formatAddress(found);
  };

  test('row 21: what a block excepts, another may admit', async () => {
    const [mine, theirs] = [`${address(a)}/32`, `${address(far)}/32`];
    isolate('b', [{ ipBlock: { cidr: '10.244.0.0/16', except: [mine] } }]);
    assert.deepEqual(
      [await lab.traffic.reaches(a, b), await lab.traffic.reaches(far, b)],
      [false, true],
    );
    isolate('b', [
      { ipBlock: { cidr: '10.244.0.0/16', except: [mine, theirs] } },
      { ipBlock: { cidr: mine } },
    ]);
    assert.deepEqual(
      [await lab.traffic.reaches(a, b), await lab.traffic.reaches(far, b)],
      [true, false],
    );
  });

  test('row 23: blocks match the addresses of pods and nodes like any other', async () => {
    isolate('b', [{ ipBlock: { cidr: `${address(far)}/32` } }]);
    assert.deepEqual(
      [await lab.traffic.reaches(a, b), await lab.traffic.reaches(far, b)],
      [false, true],
    );
    isolate('b', [{ ipBlock: { cidr: `${address(node2)}/32` } }]);
    assert.deepEqual(
      [await lab.traffic.reaches(node2, b), await lab.traffic.reaches(lab.outside, b)],
      [true, false],
    );
  });

  test('row 24: a pod reaches itself, through a Service too', async () => {
    lab.service([a]);
    isolate('a');
    noEgress('a');
    for (const to of [clusterIP, clusterIPv6]) assert.ok(await lab.traffic.reaches(a, to));
    assert.ok(await lab.traffic.reaches(a, a));
    assert.ok(!(await lab.traffic.reaches(b, clusterIP)));
  });

  test('rows 25 and 27: a node reaches its own pods, other nodes are judged', async () => {
    isolate('b');
    for (const family of [4, 6] as const) {
      assert.ok(await lab.traffic.reaches(node1, b, { family }));
      assert.ok(!(await lab.traffic.reaches(node2, b, { family })));
    }
  });

  test('row 26: a pod reaches its own node, and no other when its egress is isolated', async () => {
    noEgress('a');
    for (const family of [4, 6] as const) {
      assert.ok(await lab.traffic.arrives(a, node1, sctpInit(1), family));
      assert.ok(!(await lab.traffic.arrives(a, node2, sctpInit(1), family)));
    }
  });

  test("row 28: a pod in its node's network is neither selected nor a peer", async () => {
    isolate('b', [{ podSelector: app('host') }]);
    const host = lab.hostPod('host', 1, { app: 'host' });
    assert.ok(!(await lab.traffic.reaches(node2, b)));
    lab.sources.pods.delete(host);
  });

  test("row 29: ports are those of pods, whatever the Service's", async () => {
    lab.service([b, far], { port: 8888, nodePort: NODE_PORT });
    lab.policy('ports', { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] });
    for (const to of [clusterIP, clusterIPv6])
      assert.ok(await lab.traffic.reaches(a, to, { port: 8888 }));
    assert.ok(await lab.traffic.reaches(a, address(node1), { port: NODE_PORT }));
    assert.ok(await lab.traffic.reaches(lab.outside, address(node1), { port: NODE_PORT }));
    lab.policy('ports', {
      podSelector: {},
      ingress: [{ ports: [{ port: 8888 }, { port: NODE_PORT }] }],
    });
    assert.ok(!(await lab.traffic.reaches(a, clusterIP, { port: 8888 })));
    assert.ok(!(await lab.traffic.reaches(a, address(node1), { port: NODE_PORT })));
  });

  test('row 29: what a node port masquerades is masqueraded still, on the way to another node', async () => {
    lab.service([far], { nodePort: NODE_PORT });
    lab.policy('from', {
      podSelector: app('far'),
      ingress: [{ from: [{ ipBlock: { cidr: `${address(node1)}/32` } }] }],
    });
    assert.ok(await lab.traffic.reaches(lab.outside, address(node1), { port: NODE_PORT }));
  });

  test('rows 31, 32 and 38: what is established goes on, in both directions, and new ones do not begin', async () => {
    for (const protocol of ['TCP', 'UDP'] as const) {
      lab.clear();
      const talk = await lab.traffic.talk(a, far, protocol);
      closers.push(() => talk.close());
      assert.ok(await talk.isHeard(), protocol);
      isolate('far');
      noEgress('a');
      lab.enforcer.flush();
      assert.ok(await talk.isHeard(), protocol);
      assert.ok(
        !(await lab.traffic.reaches(a, far, { port: protocol === 'TCP' ? 80 : 53, protocol })),
      );
    }
  });

  test('row 31: whoever may send is answered, though it may not be sent to', async () => {
    isolate('a');
    noEgress('far');
    for (const family of [4, 6] as const) {
      assert.ok(await lab.traffic.reaches(a, far, { family }));
      assert.ok(await lab.traffic.reaches(a, far, { family, protocol: 'UDP', port: 53 }));
    }
    assert.ok(!(await lab.traffic.reaches(far, a)));
  });

  test('row 43: each family has its own blocks', async () => {
    isolate('b', [{ ipBlock: { cidr: '0.0.0.0/0' } }]);
    assert.ok(await lab.traffic.reaches(a, b));
    assert.ok(!(await lab.traffic.reaches(a, b, { family: 6 })));
    isolate('b', [{ ipBlock: { cidr: '::/0' } }]);
    assert.ok(!(await lab.traffic.reaches(a, b)));
    assert.ok(await lab.traffic.reaches(a, b, { family: 6 }));
  });

  test('row 49: fragments go with their datagrams', async () => {
    lab.policy('dns', {
      podSelector: app('b'),
      ingress: [{ ports: [{ port: 53, protocol: 'UDP' }] }],
    });
    for (const to of [b, far]) {
      for (const family of [4, 6] as const) {
        const large = { protocol: 'UDP' as const, family, bytes: 4000 };
        assert.ok(await lab.traffic.reaches(a, to, { ...large, port: 53 }));
        assert.equal(await lab.traffic.reaches(a, to, { ...large, port: 5353 }), to === far);
      }
    }
  });

  test('cluster DNS, which every node answers itself, is judged as its pods are', async () => {
    const dns = '10.96.0.10';
    lab.answerLocally(node1, dns);
    const names = { protocol: 'UDP' as const, port: 53 };
    const server = await lab.pod({ name: 'dns', labels: { 'k8s-app': 'kube-dns' }, node: 1 });
    assert.ok(await lab.traffic.reaches(a, dns, names));
    noEgress('a');
    assert.ok(!(await lab.traffic.reaches(a, dns, names)));
    lab.policy('no-egress', {
      podSelector: app('a'),
      policyTypes: ['Egress'],
      egress: [
        { to: [{ podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }], ports: [names] },
      ],
    });
    assert.ok(await lab.traffic.reaches(a, dns, names));
    assert.ok(!(await lab.traffic.reaches(a, dns, { ...names, protocol: 'TCP' })));
    lab.policy('server', { podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } });
    assert.ok(!(await lab.traffic.reaches(a, dns, names)));
    assert.ok(await lab.traffic.reaches(node1, dns, names), 'the node itself');
    await lab.removePod(server);
  });
});
