import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { NetworkPolicyPort, Pod } from '../../kube/index.ts';
import { echoRequest, sctpInit } from './testing/hand-built.ts';
import { PolicyLab, type LabPod } from './testing/policy-lab.ts';

const app = (name: string) => ({ matchLabels: { app: name } });

/** A container with named TCP ports. */
function named(ports: Readonly<Record<string, number>>): Partial<Pod['spec']> {
  return { containers: [container('main', ports)] };
}

function container(name: string, ports: Readonly<Record<string, number>>) {
  const list = Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort }));
  return { name, image: 'none', ports: list };
}

describe('protocols and ports, with real packets', () => {
  let lab: PolicyLab;
  let a: LabPod;
  let b: LabPod;
  let far: LabPod;

  before(async () => {
    lab = await PolicyLab.create();
    a = await lab.pod({ name: 'a', labels: { app: 'a' }, spec: named({ http: 81 }) });
    b = await lab.pod({ name: 'b', labels: { app: 'b' }, spec: named({ http: 80 }) });
    const sidecar = { ...container('proxy', { admin: 81 }), restartPolicy: 'Always' as const };
    const setup = container('setup', { early: 80 });
    far = await lab.pod({
      name: 'far',
      labels: { app: 'far' },
      node: 1,
      spec: { ...named({ http: 8080 }), initContainers: [sidecar, setup] },
    });
  });
  after(() => lab.dispose());
  afterEach(() => lab.clear());

  const admit = (...ports: NetworkPolicyPort[]): void =>
    lab.policy('ports', { podSelector: {}, ingress: [{ ports }] });
  const egress = (...ports: NetworkPolicyPort[]): void =>
    lab.policy('ports', { podSelector: app('a'), policyTypes: ['Egress'], egress: [{ ports }] });

  /** The ports of a pod that `a` reaches, in both families alike. */
  async function open(to: LabPod = b): Promise<string> {
    const ports = [
      ['TCP', 80],
      ['TCP', 81],
      ['TCP', 8080],
      ['UDP', 53],
      ['UDP', 5353],
    ] as const;
    const found: string[] = [];
    for (const [protocol, port] of ports) {
      const v4 = await lab.traffic.reaches(a, to, { protocol, port });
      assert.equal(
        await lab.traffic.reaches(a, to, { protocol, port, family: 6 }),
        v4,
        'both families',
      );
      if (v4) found.push(`${protocol} ${port}`);
    }
    return found.join(', ');
  }

  test('row 8: without ports all protocols are admitted, those without ports too', async () => {
    lab.policy('peers', { podSelector: app('b'), ingress: [{ from: [{ podSelector: {} }] }] });
    assert.equal(await open(), 'TCP 80, TCP 81, TCP 8080, UDP 53, UDP 5353');
    assert.ok(await lab.traffic.arrives(a, b, sctpInit(9003)));
    assert.ok(await lab.traffic.arrives(a, b, echoRequest(4)));
    assert.ok(await lab.traffic.arrives(a, b, echoRequest(6), 6));
  });

  test('row 9: a port without a protocol is one of TCP', async () => {
    admit({ port: 80 });
    assert.equal(await open(), 'TCP 80');
    admit({});
    assert.equal(await open(), 'TCP 80, TCP 81, TCP 8080');
  });

  test('row 10: a protocol without a port is all its ports', async () => {
    admit({ protocol: 'UDP' });
    assert.equal(await open(), 'UDP 53, UDP 5353');
  });

  test('row 11: an endPort is the last one admitted', async () => {
    admit({ protocol: 'TCP', port: 80, endPort: 81 });
    assert.equal(await open(), 'TCP 80, TCP 81');
    admit(
      { protocol: 'TCP', port: 81, endPort: 81 },
      { protocol: 'UDP', port: 54, endPort: 65_535 },
    );
    assert.equal(await open(), 'TCP 81, UDP 5353');
  });

  test("row 12: a named port of ingress is the selected pod's own", async () => {
    admit({ port: 'http' });
    assert.equal(await open(b), 'TCP 80');
    assert.equal(await open(far), 'TCP 8080');
  });

  test("row 13: a named port of egress is the destination's own", async () => {
    egress({ port: 'http' });
    assert.equal(await open(b), 'TCP 80');
    assert.equal(await open(far), 'TCP 8080');
    assert.ok(!(await lab.traffic.reaches(a, lab.outside)));
  });

  test('row 14: name and protocol both have to match, and a name that nothing has admits nothing', async () => {
    admit({ port: 'http', protocol: 'UDP' });
    assert.equal(await open(), '');
    admit({ port: 'absent' });
    assert.equal(await open(), '');
  });

  test('row 15: named ports of sidecars count, those of other init containers do not', async () => {
    admit({ port: 'admin' });
    assert.equal(await open(far), 'TCP 81');
    admit({ port: 'early' });
    assert.equal(await open(far), '');
  });

  test('row 39: SCTP is told from TCP, and a rule about it isolates', async () => {
    admit({ protocol: 'SCTP', port: 80 });
    assert.equal(await open(), '');
    assert.ok(await lab.traffic.arrives(a, b, sctpInit(80)));
    assert.ok(!(await lab.traffic.arrives(a, b, sctpInit(81))));
    admit({ protocol: 'TCP', port: 80 });
    assert.ok(!(await lab.traffic.arrives(a, b, sctpInit(80))));
  });

  test('row 40: a rule about UDP leaves TCP denied', async () => {
    admit({ protocol: 'UDP', port: 53 });
    assert.equal(await open(), 'UDP 53');
  });

  test('row 41: rules with ports admit no ICMP', async () => {
    admit({ protocol: 'TCP' }, { protocol: 'UDP' }, { protocol: 'SCTP' });
    for (const family of [4, 6] as const) {
      assert.ok(!(await lab.traffic.arrives(a, b, echoRequest(family), family)), `IPv${family}`);
    }
    lab.clear();
    for (const family of [4, 6] as const) {
      assert.ok(await lab.traffic.arrives(a, b, echoRequest(family), family));
    }
  });
});
