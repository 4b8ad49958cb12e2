import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requireCidr } from '../ip/index.ts';
import type { DirectionVerdict } from './contract.ts';
import { judgeConnection } from './judge-connection.ts';
import { api, bare, isApi, isWeb, namespaces, otherWeb, outside, web } from './testing/cast.ts';
import {
  attemptOf,
  clusterPolicyOf,
  partyOf,
  podOf,
  policyOf,
  worldOf,
} from './testing/objects.ts';
import { closedWorld } from './testing/worlds.ts';

const ofNode1 = partyOf('172.18.0.2', 'node1');

describe('verdicts', () => {
  const judge = (
    world: Parameters<typeof worldOf>[0],
    ...attempt: Parameters<typeof attemptOf>
  ): DirectionVerdict => judgeConnection(worldOf(world), attemptOf(...attempt)).ingress;

  const policies = [
    policyOf('b', {
      podSelector: isWeb,
      ingress: [
        {
          from: [
            { podSelector: isApi },
            { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
          ],
        },
        { ports: [{ port: 8080 }, { protocol: 'UDP', port: 53 }] },
        { ports: [{ port: 'metrics' }] },
      ],
    }),
    policyOf('a', { podSelector: {}, policyTypes: ['Ingress'] }),
  ];

  test('name the policies that select, and the rule that admits', () => {
    const verdict = judge({ policies }, outside, web, 'UDP 53');
    assert.deepEqual(verdict, {
      direction: 'ingress',
      admits: true,
      reason: 'RULE_ADMITS',
      selecting: [
        { kind: 'NetworkPolicy', namespace: 'default', name: 'a' },
        { kind: 'NetworkPolicy', namespace: 'default', name: 'b' },
      ],
      decidedBy: {
        policy: { kind: 'NetworkPolicy', namespace: 'default', name: 'b' },
        rule: 1,
        peer: -1,
        port: 1,
        action: 'Accept',
      },
      misses: [],
    });
  });

  test('say of every rule why it does not admit', () => {
    const { reason, misses } = judge({ policies }, '10.1.2.3', web, 'TCP 80');
    assert.equal(reason, 'NO_RULE_ADMITS');
    assert.deepEqual(
      misses.map(
        ({ policy, rule, missed, detail }) => `${policy.name} ${rule} ${missed}: ${detail}`,
      ),
      [
        'a -1 NO_RULES: it has no ingress rules',
        'b 0 PEER: ingress[0].from[0] means pods, 10.1.2.3 is none; ingress[0].from[1].ipBlock.except takes 10.1.2.3 out of 10.0.0.0/8',
        'b 1 PORT: ingress[1].ports[0] is TCP 8080, the connection is TCP 80; ingress[1].ports[1] is UDP, the connection is TCP 80',
        'b 2 NAMED_PORT: ingress[2].ports[0] names TCP metrics, pod default/web has no such port',
      ],
    );
  });

  const details: readonly [
    string,
    Parameters<typeof policyOf>[1],
    Parameters<typeof attemptOf>,
    string,
  ][] = [
    [
      'labels of the pod',
      { podSelector: isWeb, ingress: [{ from: [{ podSelector: isWeb }] }] },
      [api, web],
      'ingress[0].from[0].podSelector wants app=web, pod default/api has app=api',
    ],
    [
      'a label that the pod lacks',
      { podSelector: isWeb, ingress: [{ from: [{ podSelector: isWeb }] }] },
      [bare, web],
      'ingress[0].from[0].podSelector wants app=web, pod default/bare has no label app',
    ],
    [
      'labels of the namespace',
      {
        podSelector: isWeb,
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'one' } } }] }],
      },
      [otherWeb, web],
      'ingress[0].from[0].namespaceSelector wants team=one, namespace other of pod other/web has team=two',
    ],
    [
      'the other namespace',
      { podSelector: isWeb, ingress: [{ from: [{ podSelector: isWeb }] }] },
      [otherWeb, web],
      'only pods of namespace default are meant, pod other/web is in other',
    ],
    [
      'the number of a name',
      { podSelector: isWeb, ingress: [{ ports: [{ port: 'http' }] }] },
      [api, web],
      'ingress[0].ports[0] names TCP http, which is TCP 8080 of pod default/web, the connection is TCP 80',
    ],
    [
      'the block',
      { podSelector: isWeb, ingress: [{ from: [{ ipBlock: { cidr: '172.18.0.0/16' } }] }] },
      [api, web],
      'ingress[0].from[0].ipBlock.cidr is 172.18.0.0/16, 10.244.0.3 is not in it',
    ],
  ];
  for (const [what, spec, attempt, expected] of details) {
    test(`tell a reader ${what}`, () => {
      const [miss] = judge({ namespaces, policies: [policyOf('p', spec)] }, ...attempt).misses;
      assert.equal(miss?.detail, expected);
    });
  }

  test('tell apart why policies are not asked', () => {
    const reasonOf = (...attempt: Parameters<typeof attemptOf>): string[] => {
      const { egress, ingress } = judgeConnection(worldOf(closedWorld), attemptOf(...attempt));
      return [egress.reason, ingress.reason];
    };
    assert.deepEqual(reasonOf(web, web), ['OWN_ADDRESS', 'OWN_ADDRESS']);
    assert.deepEqual(reasonOf(ofNode1, web), ['NOT_A_POD', 'OWN_NODE']);
    assert.deepEqual(reasonOf(outside, outside), ['NOT_A_POD', 'NOT_A_POD']);
    assert.deepEqual(reasonOf(podOf('free', { namespace: 'third' }), web), [
      'NO_POLICY_SELECTS',
      'NO_RULE_ADMITS',
    ]);
  });

  test('admit a pod that is not known only where no policy selects', () => {
    const podRanges = [requireCidr('10.244.0.0/16')];
    const open = [policyOf('open', { podSelector: isWeb, ingress: [{}] })];
    assert.equal(judge({ policies: open, podRanges }, '10.244.7.7', web).reason, 'UNKNOWN_POD');
    assert.equal(judge({ policies: open, podRanges }, '10.244.7.7', api).admits, true);
    assert.equal(judge({ policies: open, podRanges }, outside, web).admits, true);
  });

  test('list policies of all tiers that select, in the order they are read', () => {
    const clusterPolicies = [
      clusterPolicyOf('late', {
        priority: 2,
        ingress: [{ action: 'Pass', from: [{ namespaces: {} }] }],
      }),
      clusterPolicyOf('base', {
        tier: 'Baseline',
        ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }],
      }),
      clusterPolicyOf('early', {
        priority: 1,
        ingress: [{ action: 'Pass', from: [{ namespaces: {} }] }],
      }),
      clusterPolicyOf('egress', { egress: [{ action: 'Deny', to: [{ namespaces: {} }] }] }),
    ];
    const { selecting } = judge({ policies, clusterPolicies }, api, web);
    assert.deepEqual(
      selecting.map(({ name }) => name),
      ['early', 'late', 'a', 'b', 'base'],
    );
  });
});
