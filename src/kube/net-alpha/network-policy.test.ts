import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { ApiError } from '../api-error.ts';
import type { AnyObject } from '../meta.ts';
import { networkPolicyKind, type NetworkPolicy } from '../networking/network-policy.ts';
import { checkFields } from '../schema/check-fields.ts';
import { decodable } from '../testing/arbitrary-object.ts';
import { cells, defaulted, fieldErrors, objectOf } from '../testing/kind-checks.ts';
import { fromStored } from './from-stored.ts';
import { firstNetworkPolicyKind, type FirstPolicySpec } from './network-policy.ts';
import { fullSpecAnnotation, storedSpec, toStored } from './to-stored.ts';

/** The example of July 2017 that courses copied. */
const printed: FirstPolicySpec = {
  allowIncoming: {
    from: [{ pods: { segment: 'frontend' } }],
    toPorts: [{ port: 80, protocol: 'TCP' }],
  },
  podSelector: { segment: 'backend' },
};

const first = (spec?: object) =>
  objectOf(firstNetworkPolicyKind, spec === undefined ? {} : { spec });
const stored = (spec: object): AnyObject =>
  defaulted(networkPolicyKind, { spec }) as unknown as AnyObject;

describe('the first form', () => {
  test('says what networking.k8s.io/v1 says in other words', () => {
    assert.deepEqual(toStored(first(printed)), {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'test', namespace: 'default' },
      spec: {
        podSelector: { matchLabels: { segment: 'backend' } },
        ingress: [
          {
            from: [{ podSelector: { matchLabels: { segment: 'frontend' } } }],
            ports: [{ port: 80, protocol: 'TCP' }],
          },
        ],
        policyTypes: ['Ingress'],
      },
    });
  });

  test('isolates when nothing is allowed, and opens what is not restricted', () => {
    const ingress = (spec?: FirstPolicySpec) => storedSpec(spec ?? {}).ingress;
    assert.deepEqual(ingress(), []);
    assert.deepEqual(ingress({ allowIncoming: {} }), [{}]);
    assert.deepEqual(ingress({ allowIncoming: { from: [{ namespaces: { team: 'a' } }] } }), [
      { from: [{ namespaceSelector: { matchLabels: { team: 'a' } } }] },
    ]);
    assert.deepEqual(ingress({ allowIncoming: { from: [{ pods: {} }] } }), [
      { from: [{ podSelector: {} }] },
    ]);
  });

  test('is validated as what it is stored as', () => {
    const spec = storedSpec({ allowIncoming: { from: [{}] } });
    assert.deepEqual(fieldErrors(networkPolicyKind, { spec }), [
      'spec.ingress[0].from[0]: Required value: must specify a peer',
    ]);
    const wrong = first({ podSelector: { matchLabels: { a: 'b' } } });
    const [problem] = checkFields(firstNetworkPolicyKind.schema, wrong);
    assert.match(
      problem?.message ?? '',
      /cannot unmarshal object into Go struct field NetworkPolicySpec\.spec\.podSelector of type string/,
    );
  });

  test('comes back as it went', () => {
    fc.assert(
      fc.property(decodable(firstNetworkPolicyKind.schema), (parts) => {
        const policy = first((parts as { spec?: object }).spec);
        const once = defaulted(networkPolicyKind, toStored(policy));
        const shown = fromStored(once as unknown as AnyObject);
        assert.deepEqual(defaulted(networkPolicyKind, toStored(shown)), once);
        assert.equal(shown.metadata.annotations?.[fullSpecAnnotation], undefined);
        assert.equal(shown.apiVersion, 'net.alpha.kubernetes.io/v1alpha1');
      }),
    );
  });

  test('prints the pods that a policy is about', () => {
    assert.equal(
      cells(firstNetworkPolicyKind, { spec: printed })['Pod-Selector'],
      'segment=backend',
    );
  });
});

describe('a policy that the first form cannot say', () => {
  const say = [
    { podSelector: {}, egress: [{}] },
    { podSelector: {}, ingress: [{}, { ports: [{ port: 80 }] }] },
    { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] },
    { podSelector: {}, ingress: [{ ports: [{ port: 80, endPort: 90 }] }] },
    { podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } },
  ];

  for (const spec of say) {
    test(`shows no half of itself: ${JSON.stringify(spec)}`, () => {
      const object = stored(spec);
      const shown = fromStored(object);
      assert.deepEqual(shown.spec, {});
      assert.deepEqual(
        JSON.parse(shown.metadata.annotations?.[fullSpecAnnotation] ?? ''),
        object['spec'],
      );
      const { spec: back, metadata } = toStored(shown) as unknown as NetworkPolicy;
      assert.deepEqual(back, object['spec']);
      assert.deepEqual(metadata.annotations ?? {}, {});
    });
  }

  test('is not made another one by an edit', () => {
    const shown = fromStored(stored({ podSelector: {}, egress: [{}] }));
    assert.throws(
      () => toStored({ ...shown, spec: { podSelector: { app: 'web' } } }),
      (error: ApiError) => error.reason === 'Invalid' && /says more than/.test(error.message),
    );
  });
});
