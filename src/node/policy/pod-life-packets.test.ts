import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { PolicyLab, type LabPod } from './testing/policy-lab.ts';

const app = (name: string) => ({ matchLabels: { app: name } });

describe('the life of a pod under policies', () => {
  let lab: PolicyLab;
  let a: LabPod;
  let b: LabPod;

  before(async () => {
    lab = await PolicyLab.create();
    a = await lab.pod({ name: 'a', labels: { app: 'a' } });
    b = await lab.pod({ name: 'b', labels: { app: 'b' } });
  });
  after(() => lab.dispose());
  afterEach(() => lab.clear());

  const onlyFromA = (): void =>
    lab.policy('from-a', {
      podSelector: app('b'),
      ingress: [{ from: [{ podSelector: app('a') }] }],
    });

  test('row 44: a new pod is isolated before its status has any address', async () => {
    lab.policy('deny', { podSelector: app('new') });
    const pod = await lab.pod({ name: 'new', labels: { app: 'new' }, isUnreported: true });
    assert.ok(!(await lab.traffic.reaches(a, pod)));
    assert.ok(await lab.traffic.reaches(pod, a));
    await lab.removePod(pod);
  });

  test('row 44: what was never announced is cut off', async () => {
    const stranger = await lab.pod({ name: 'stranger', isUnannounced: true, isUnreported: true });
    assert.ok(!(await lab.traffic.reaches(stranger, a)));
    assert.ok(!(await lab.traffic.reaches(a, stranger)));
    await lab.removePod(stranger);
  });

  test('an address of the pods that no pod is known to have is not admitted to who is isolated', async () => {
    lab.policy('to-all', {
      podSelector: app('a'),
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }],
    });
    const stranger = await lab.pod({
      name: 'stranger',
      node: 1,
      isUnannounced: true,
      isUnreported: true,
    });
    assert.ok(!(await lab.traffic.reaches(a, stranger)));
    assert.ok(await lab.traffic.reaches(a, lab.outside));
    await lab.removePod(stranger);
  });

  test('row 45: a pod that is not ready is isolated and is a peer all the same', async () => {
    onlyFromA();
    const before = a.object;
    lab.change(a, {
      status: { ...before.status, conditions: [{ type: 'Ready', status: 'False' }] },
    });
    assert.ok(await lab.traffic.reaches(a, b));
    lab.change(a, before);
  });

  test('row 46: a terminating pod stays who it was', async () => {
    const pod = await lab.pod({ name: 'ending', labels: { app: 'a' }, node: 1 });
    onlyFromA();
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    lab.change(pod, { metadata: { ...pod.object.metadata, deletionTimestamp } });
    assert.ok(await lab.traffic.reaches(pod, b));
    await lab.removePod(pod);
  });

  test('row 47: a completed pod is nobody, and who has its address now is someone else', async () => {
    const done = await lab.pod({ name: 'done', labels: { app: 'a' }, node: 1 });
    onlyFromA();
    assert.ok(await lab.traffic.reaches(done, b));
    lab.change(done, { status: { ...done.object.status, phase: 'Succeeded' } });
    assert.ok(!(await lab.traffic.reaches(done, b)));
    const next = lab.inherit(done, 'next', { app: 'c' });
    assert.ok(!(await lab.traffic.reaches(next, b)));
    lab.relabel(next, { app: 'a' });
    assert.ok(await lab.traffic.reaches(next, b));
    await lab.removePod(next);
  });

  test('row 48: of two pods with one address the running one has it, whichever leaves first', async () => {
    const old = await lab.pod({ name: 'old', labels: { app: 'a' }, node: 1 });
    onlyFromA();
    const next = lab.inherit(old, 'heir', { app: 'c' });
    assert.ok(!(await lab.traffic.reaches(next, b)));
    lab.sources.pods.delete('default/old');
    assert.ok(!(await lab.traffic.reaches(next, b)));
    lab.relabel(next, { app: 'a' });
    assert.ok(await lab.traffic.reaches(next, b));
    await lab.removePod(next);
  });

  test('row 51: what is not admitted hears nothing, not even a refusal', async () => {
    lab.policy('deny', { podSelector: app('b') });
    assert.ok(!(await lab.traffic.reaches(a, b, { port: 9 })));
    lab.clear();
    assert.ok(await lab.traffic.reaches(a, b, { port: 9 }), 'a refusal is an answer');
  });
});
