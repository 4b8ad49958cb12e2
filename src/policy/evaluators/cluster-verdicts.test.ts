import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeConnection } from '../judge-connection.ts';
import { api, isApi, isWeb, web } from '../testing/cast.ts';
import { attemptOf, worldOf, type WorldFacts } from '../testing/objects.ts';
import { accept, admin, baseline, deny, egress, pass } from '../testing/worlds.ts';

test('a verdict names the rule that decided, by tier', () => {
  const judge = (world: WorldFacts) => judgeConnection(worldOf(world), attemptOf(api, web)).ingress;
  const denied = judge({
    clusterPolicies: [
      admin(
        { action: 'Accept', from: [{ pods: { namespaceSelector: {}, podSelector: isWeb } }] },
        deny,
      ),
    ],
  });
  assert.equal(denied.reason, 'ADMIN_DENIES');
  assert.deepEqual(denied.decidedBy, {
    policy: { kind: 'ClusterNetworkPolicy', name: 'admin', tier: 'Admin' },
    rule: 1,
    action: 'Deny',
    peer: 0,
    port: -1,
  });
  assert.deepEqual(
    denied.misses.map(({ detail }) => detail),
    ['ingress[0].from[0].pods.podSelector wants app=web, pod default/api has app=api'],
  );
  assert.equal(judge({ clusterPolicies: [admin(accept)] }).reason, 'ADMIN_ACCEPTS');
  assert.equal(judge({ clusterPolicies: [baseline(accept)] }).reason, 'BASELINE_ACCEPTS');
  assert.equal(judge({ clusterPolicies: [baseline(deny)] }).reason, 'BASELINE_DENIES');
  assert.equal(judge({ clusterPolicies: [admin(pass)] }).reason, 'NO_RULE_DECIDES');
});

test('a domain name says why it does not match', () => {
  const world = egress(
    { action: 'Accept', to: [{ domainNames: ['*.example.com'] }] },
    { action: 'Deny', to: [{ pods: { namespaceSelector: {}, podSelector: isApi } }] },
  );
  const { misses } = judgeConnection(worldOf(world), attemptOf(web, api)).egress;
  assert.match(misses[0]?.detail ?? '', /^egress\[0\]\.to\[0\]\.domainNames matches nothing/);
});
