import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { PolicyLab, type LabPod } from './testing/policy-lab.ts';

describe('policies and real packets', () => {
  let lab: PolicyLab;
  let a: LabPod;
  let b: LabPod;
  let far: LabPod;

  before(async () => {
    lab = await PolicyLab.create();
    a = await lab.pod({ name: 'a', labels: { app: 'a' } });
    b = await lab.pod({ name: 'b', labels: { app: 'b' } });
    far = await lab.pod({ name: 'far', labels: { app: 'far' }, node: 1 });
  });
  after(() => lab.dispose());
  afterEach(() => lab.clear());

  test('row 3: without policies everybody reaches everybody', async () => {
    for (const [from, to] of [
      [a, b],
      [a, far],
      [far, a],
    ] as const) {
      for (const family of [4, 6] as const) {
        for (const protocol of ['TCP', 'UDP'] as const) {
          const port = protocol === 'TCP' ? 80 : 53;
          assert.ok(await lab.reaches(from, to, { family, protocol, port }));
        }
      }
    }
  });

  test('row 5: deny all', async () => {
    lab.policy('deny', { podSelector: { matchLabels: { app: 'b' } } });
    assert.ok(!(await lab.reaches(a, b)));
    assert.ok(!(await lab.reaches(a, b, { family: 6 })));
    assert.ok(!(await lab.reaches(far, b)));
    assert.ok(await lab.reaches(b, a));
  });
});
