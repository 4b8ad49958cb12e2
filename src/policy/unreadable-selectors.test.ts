import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  keyOf,
  type ClusterNetworkPolicy,
  type LabelSelector,
  type NetworkPolicy,
} from '../kube/index.ts';
import { requireCidr } from '../ip/index.ts';
import { policyFindings } from './findings/policy-findings.ts';
import { isClusterPolicy, selects } from './selection.ts';
import { judgeConnection } from './judge-connection.ts';
import { PolicyCompiler } from './tables/policy-compiler.ts';
import { api, isWeb, namespaces, nodes, otherWeb, web } from './testing/cast.ts';
import { admits } from './testing/compilers.ts';
import { attemptOf, clusterPolicyOf, policyOf, worldOf } from './testing/objects.ts';

// The API server refuses these; a CustomResourceDefinition of another cluster may let them pass.

const operators = ['Like', 'Gt', '', 'constructor'];

/** A selector that would match everybody if its operator were `Exists`. */
function unreadable(operator: string): LabelSelector {
  return { matchExpressions: [{ key: 'app', operator: operator as 'Exists', values: ['1'] }] };
}

type Policy = NetworkPolicy | ClusterNetworkPolicy;

/** Whether api and a pod of another namespace reach web: the same by reference and by tables. */
function reach(...policies: readonly Policy[]): boolean[] {
  const world = worldOf({
    namespaces,
    nodes,
    policies: policies.flatMap((one) => (isClusterPolicy(one) ? [] : [one])),
    clusterPolicies: policies.filter(isClusterPolicy),
  });
  const compiler = new PolicyCompiler({ podRanges: [requireCidr('10.244.0.0/16')] });
  for (const namespace of namespaces) compiler.setNamespace(namespace);
  for (const pod of [web, api, otherWeb]) compiler.setPod(pod);
  for (const policy of policies) {
    if (isClusterPolicy(policy)) compiler.setClusterPolicy(policy);
    else compiler.setPolicy(policy);
  }
  return [api, otherWeb].map((source) => {
    const judged = judgeConnection(world, attemptOf(source, web)).admits;
    const inTables = admits(compiler, source.status?.podIP ?? '', web.status?.podIP ?? '');
    assert.equal(inTables, judged, `tables say ${inTables}`);
    return judged;
  });
}

function codesOf(policy: Policy): string[] {
  const world = {
    ...worldOf({ namespaces, nodes }),
    pods: new Map([web, api, otherWeb].map((pod) => [keyOf(pod), pod])),
    services: new Map(),
  };
  return policyFindings(world, policy).map(({ code, field }) => `${code} ${field}`);
}

for (const operator of operators) {
  const selector = unreadable(operator);

  describe(`the operator "${operator}"`, () => {
    test('in a peer admits nobody', () => {
      for (const from of [{ podSelector: selector }, { namespaceSelector: selector }]) {
        const policy = policyOf('p', { podSelector: isWeb, ingress: [{ from: [from] }] });
        assert.deepEqual(reach(policy), [false, false]);
        assert.deepEqual(codesOf(policy), ['SELECTOR_NOT_UNDERSTOOD spec.ingress[0].from[0]']);
      }
    });

    test('in the target isolates the namespace, and no rule admits', () => {
      const policy = policyOf('p', { podSelector: selector, ingress: [{}] });
      assert.deepEqual(reach(policy), [false, false]);
      const all = policyOf('q', { podSelector: {}, ingress: [{}] });
      assert.deepEqual(reach(policy, all), [true, true]);
      assert.deepEqual(selects(worldOf({ namespaces }), policy, [web, api, otherWeb]), [web, api]);
      assert.deepEqual(codesOf(policy), ['SELECTOR_NOT_UNDERSTOOD spec.podSelector']);
    });

    test('in a rule of a ClusterNetworkPolicy: an Accept admits nobody, a Deny denies all', () => {
      const isolated = policyOf('p', { podSelector: isWeb });
      const ruled = (action: 'Accept' | 'Deny'): ClusterNetworkPolicy =>
        clusterPolicyOf('c', {
          tier: 'Admin',
          priority: 1,
          subject: { pods: { namespaceSelector: {}, podSelector: isWeb } },
          ingress: [{ action, from: [{ namespaces: selector }] }],
        });
      assert.deepEqual(reach(ruled('Accept'), isolated), [false, false]);
      assert.deepEqual(reach(ruled('Deny')), [false, false]);
      assert.deepEqual(codesOf(ruled('Deny')), ['RULE_FAILS_CLOSED spec.ingress[0]']);
    });

    test('in the subject of a ClusterNetworkPolicy selects nobody', () => {
      const policy = clusterPolicyOf('c', {
        tier: 'Admin',
        priority: 1,
        subject: { namespaces: selector },
        ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }],
      });
      assert.deepEqual(reach(policy), [true, true]);
      assert.deepEqual(codesOf(policy), ['SELECTOR_NOT_UNDERSTOOD spec.subject.namespaces']);
    });
  });
}

test('it is told beside a connection', () => {
  const policy = policyOf('p', {
    podSelector: isWeb,
    ingress: [{ from: [{ podSelector: unreadable('Like') }] }],
  });
  const world = worldOf({ namespaces, nodes, policies: [policy] });
  const { ingress } = judgeConnection(world, attemptOf(api, web));
  assert.deepEqual(
    ingress.misses.map(({ detail }) => detail),
    ['ingress[0].from[0].podSelector has an operator that is not known here: it matches nothing'],
  );
});
