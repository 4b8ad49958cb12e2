import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifests } from '../../manifests/index.ts';
import type { Known } from '../known.ts';
import { document, podText, policyText, serviceText } from '../testing/explaining.ts';
import { policiesOf } from './policies-of.ts';
import { selectionOf } from './selects.ts';

const guard = document({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'guard' },
  spec: {
    tier: 'Admin',
    priority: 1,
    subject: { namespaces: {} },
    egress: [{ action: 'Pass', to: [{ namespaces: {} }] }],
  },
});

const { objects } = parseManifests(
  [
    podText('web'),
    podText('db'),
    serviceText('web'),
    policyText('web', { podSelector: { matchLabels: { app: 'web' } }, ingress: [{}, {}] }),
    policyText('none', { podSelector: { matchLabels: { app: 'nobody' } } }),
    policyText('all', { podSelector: {}, policyTypes: ['Egress'] }),
    guard,
  ].join(''),
  'shop.yaml',
);

const known: Known = {
  objects: objects.map(({ object }) => object),
  namespace: 'default',
  locate: ({ kind, name }) => {
    const at = objects.findIndex(
      ({ object }) => object.kind === kind && object.metadata.name === name,
    );
    return `shop.yaml:${objects[at]?.positionOf([]).line}`;
  },
};

test('the policies that hit a pod, in the order they are read', () => {
  const [web, ...others] = policiesOf(known, 'web');
  assert.deepEqual(others, []);
  assert.equal(web?.pod, 'default/web');
  assert.deepEqual(web.isolated, ['ingress', 'egress']);
  const shown = web.policies.map(({ object, tier, directions, rules }) => [
    object.name,
    tier,
    directions.join(),
    rules,
  ]);
  assert.deepEqual(
    shown.toSorted((one, two) => (String(one) < String(two) ? -1 : 1)),
    [
      ['all', undefined, 'egress', 0],
      ['guard', 'Admin', 'egress', 1],
      ['web', undefined, 'ingress', 2],
    ],
  );
  assert.match(web.policies[0]?.source ?? '', /^shop\.yaml:\d+$/);
});

test('of each pod of a Service', () => {
  assert.deepEqual(
    policiesOf(known, 'svc/web').map(({ pod }) => pod),
    ['default/web'],
  );
  assert.deepEqual(policiesOf(known, 'pod/db')[0]?.isolated, ['egress']);
  assert.throws(() => policiesOf(known, 'pod/nobody'), { code: 'NO_SUCH_OBJECT' });
});

test('the pods that a policy selects', () => {
  const cases: [string, string[], string[]][] = [
    ['web', ['default/web'], ['ingress']],
    ['default/all', ['default/web', 'default/db'], ['egress']],
    ['netpol/none', [], []],
    ['cnp/guard', ['default/web', 'default/db', 'kube-system/coredns'], ['egress']],
  ];
  for (const [policy, pods, directions] of cases) {
    const found = selectionOf(known, policy);
    assert.deepEqual([found.pods, found.directions], [pods, directions], policy);
  }
});

test('what is odd about a policy, and where', () => {
  const [finding] = selectionOf(known, 'none').findings;
  assert.equal(finding?.code, 'SELECTS_NO_POD');
  assert.match(finding.sentence, /selects no pod of namespace default \(app=nobody\)/);
  assert.match(finding.source ?? '', /^shop\.yaml:\d+$/);
});

test('what is no policy says what is one', () => {
  for (const text of ['', 'a/b/c', 'cnp/a/b', 'netpol/']) {
    assert.throws(() => selectionOf(known, text), { code: 'POLICY_NOT_UNDERSTOOD' }, text);
  }
  assert.throws(() => selectionOf(known, 'wbe'), {
    code: 'NO_SUCH_OBJECT',
    advice: 'Did you mean web?',
  });
});

test('what is of another kind says what tells of it', () => {
  assert.throws(() => selectionOf(known, 'svc/web'), {
    code: 'POLICY_NOT_UNDERSTOOD',
    message: /^"svc\/web" is a Service, and no policy/,
    advice: /kubectl describe svc\/web.*portolan explain FROM svc\/web.*portolan policies svc\/web/,
  });
  assert.throws(() => selectionOf(known, 'deploy/web'), { advice: /select its pods: portolan/ });
  const own = policyText('web', { podSelector: {} }).replace('"name"', '"namespace":"svc","name"');
  const { objects: others } = parseManifests(own, 'svc.yaml');
  const withOwn = { ...known, objects: [...known.objects, ...others.map(({ object }) => object)] };
  assert.equal(selectionOf(withOwn, 'svc/web').object.namespace, 'svc');
});
