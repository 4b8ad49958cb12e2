import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { LabHost } from './testing/lab-traffic.ts';
import { PolicyLab, type LabPod } from './testing/policy-lab.ts';

const app = (name: string) => ({ matchLabels: { app: name } });

describe('who policies are about, with real packets', () => {
  let lab: PolicyLab;
  let a: LabPod;
  let b: LabPod;
  let far: LabPod;
  let other: LabPod;

  before(async () => {
    lab = await PolicyLab.create();
    lab.namespace('other', { team: 'x' });
    a = await lab.pod({ name: 'a', labels: { app: 'a' } });
    b = await lab.pod({ name: 'b', labels: { app: 'b' } });
    far = await lab.pod({ name: 'far', labels: { app: 'far' }, node: 1 });
    other = await lab.pod({ name: 'other', labels: { app: 'a' }, namespace: 'other', node: 1 });
  });
  after(() => lab.dispose());
  afterEach(() => {
    lab.clear();
    lab.relabel(a, { app: 'a' });
    lab.relabel(b, { app: 'b' });
    lab.namespace('other', { team: 'x' });
  });

  /** The names of those that reach a pod. */
  async function reaching(to: LabHost, from: readonly LabHost[] = [a, b, far, other]) {
    const names: string[] = [];
    for (const each of from) {
      if (each !== to && (await lab.traffic.reaches(each, to))) names.push(each.name);
    }
    return names.join(' ');
  }

  test('row 1: an empty podSelector selects the pods of its namespace and no others', async () => {
    lab.policy('deny', { podSelector: {} });
    assert.equal(await reaching(b), '');
    assert.equal(await reaching(far), '');
    assert.equal(await reaching(other), 'a b far');
  });

  test('row 2: without a podSelector it is the same', async () => {
    lab.policy('deny', {});
    assert.equal(await reaching(b), '');
  });

  test('row 3: whom no policy selects in a direction is free there', async () => {
    lab.policy('deny', { podSelector: app('b'), policyTypes: ['Ingress'] });
    assert.equal(await reaching(b), '');
    assert.ok(await lab.traffic.reaches(b, a));
    assert.ok(await lab.traffic.reaches(b, far));
  });

  test('row 4: an empty list of egress rules alone isolates no egress', async () => {
    lab.policy('none', { podSelector: app('b'), egress: [] });
    assert.ok(await lab.traffic.reaches(b, a));
    assert.equal(await reaching(b), '');
    lab.policy('none', { podSelector: app('b'), egress: [], policyTypes: ['Egress'] });
    assert.ok(!(await lab.traffic.reaches(b, a)));
    assert.equal(await reaching(b), 'a far other');
  });

  test('row 5: no rules and an empty list of rules admit nobody', async () => {
    for (const rules of [{}, { ingress: [] }]) {
      lab.policy('deny', { podSelector: app('b'), policyTypes: ['Ingress'], ...rules });
      assert.equal(await reaching(b), '');
    }
  });

  test('rows 6, 7 and 8: an empty rule admits everybody, the outside and nodes included', async () => {
    lab.policy('all', { podSelector: app('b'), ingress: [{}] });
    assert.equal(
      await reaching(b, [a, far, other, lab.outside, ...lab.nodes]),
      'a far other outside node1 node2',
    );
  });

  test('row 16: selectors of one peer both have to match, of two peers either', async () => {
    const [podSelector, namespaceSelector] = [app('a'), { matchLabels: { team: 'x' } }];
    lab.policy('and', {
      podSelector: app('b'),
      ingress: [{ from: [{ podSelector, namespaceSelector }] }],
    });
    assert.equal(await reaching(b), 'other');
    lab.policy('and', {
      podSelector: app('b'),
      ingress: [{ from: [{ podSelector }, { namespaceSelector }] }],
    });
    assert.equal(await reaching(b), 'a other');
  });

  test('row 17: a podSelector alone means the namespace of the policy', async () => {
    lab.policy('own', { podSelector: app('b'), ingress: [{ from: [{ podSelector: {} }] }] });
    assert.equal(await reaching(b), 'a far');
  });

  test('row 18: an empty namespaceSelector means all pods, and only pods', async () => {
    lab.policy('pods', { podSelector: app('b'), ingress: [{ from: [{ namespaceSelector: {} }] }] });
    assert.equal(await reaching(b, [a, far, other, lab.outside]), 'a far other');
  });

  test('row 19: expressions of selectors, NotIn among them for pods without the label', async () => {
    const expression = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', values?: string[]) =>
      lab.policy('some', {
        podSelector: app('b'),
        ingress: [
          {
            from: [
              {
                podSelector: {
                  matchExpressions: [{ key: 'app', operator, ...(values && { values }) }],
                },
              },
            ],
          },
        ],
      });
    lab.relabel(a, {});
    for (const [operator, values, expected] of [
      ['In', ['far', 'x'], 'far'],
      ['NotIn', ['far'], 'a'],
      ['Exists', undefined, 'far'],
      ['DoesNotExist', undefined, 'a'],
    ] as const) {
      expression(operator, values && [...values]);
      assert.equal(await reaching(b), expected, operator);
    }
  });

  test('row 33: the source and the destination both have to admit, on one node and across nodes', async () => {
    const onlyTo = (name: string) => ({
      podSelector: app(name),
      egress: [{ to: [{ podSelector: app('far') }] }],
      policyTypes: ['Egress' as const],
    });
    lab.policy('source', onlyTo('a'));
    assert.equal(await reaching(b), 'far other');
    assert.equal(await reaching(far), 'a b other');
    lab.policy('target', { podSelector: app('far') });
    assert.equal(await reaching(far), '');
  });

  test('row 34: policies add up', async () => {
    lab.policy('one', { podSelector: app('b'), ingress: [{ from: [{ podSelector: app('a') }] }] });
    lab.policy('two', { podSelector: {}, ingress: [{ from: [{ podSelector: app('far') }] }] });
    assert.equal(await reaching(b), 'a far');
    assert.equal(await reaching(a), 'far');
  });

  test('row 35: a policy that is updated or deleted has no old effect', async () => {
    lab.policy('it', { podSelector: app('b') });
    assert.equal(await reaching(b), '');
    lab.policy('it', { podSelector: app('b'), ingress: [{ from: [{ podSelector: app('a') }] }] });
    assert.equal(await reaching(b), 'a');
    lab.clear();
    assert.equal(await reaching(b), 'a far other');
  });

  test('row 36: labels of targets, of peers and of namespaces that change', async () => {
    lab.policy('it', {
      podSelector: app('b'),
      ingress: [
        {
          from: [
            { podSelector: app('guest') },
            { namespaceSelector: { matchLabels: { team: 'y' } } },
          ],
        },
      ],
    });
    assert.equal(await reaching(b), '');
    lab.relabel(a, { app: 'guest' });
    lab.namespace('other', { team: 'y' });
    assert.equal(await reaching(b), 'a other');
    lab.relabel(b, { app: 'free' });
    assert.equal(await reaching(b), 'a far other');
  });

  test('row 37: namespaces are selected by their name', async () => {
    lab.policy('it', {
      podSelector: app('b'),
      ingress: [
        {
          from: [
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } },
          ],
        },
      ],
    });
    assert.equal(await reaching(b), 'other');
  });

  test('row 50: policies that select no pod, and peers that match none', async () => {
    lab.policy('idle', { podSelector: app('nobody') });
    assert.equal(await reaching(b), 'a far other');
    lab.policy('alone', {
      podSelector: app('b'),
      ingress: [{ from: [{ podSelector: app('nobody') }] }],
    });
    assert.equal(await reaching(b), '');
  });
});
