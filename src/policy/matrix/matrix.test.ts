import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { requireAddress, requireCidr } from '../../ip/index.ts';
import { keyOf } from '../../kube/index.ts';
import { judgeConnection } from '../judge-connection.ts';
import { isPolicyPod, podId } from '../policy-pods.ts';
import {
  clusterPolicies,
  namespaceObjects,
  networkPolicies,
  nodeObjects,
  podRangeTexts,
  pods,
} from '../testing/arbitrary-world.ts';
import { api, host, isApi, isWeb, otherWeb, outside, web } from '../testing/cast.ts';
import { partyOf, podOf, policyOf, worldOf } from '../testing/objects.ts';
import { matrix } from './matrix.ts';

const tcp80 = { protocol: 6, port: 80 };

describe('matrix', () => {
  const world = worldOf({
    policies: [
      policyOf('p', {
        podSelector: isWeb,
        ingress: [{ from: [{ podSelector: isApi }], ports: [{ port: 80 }] }],
      }),
    ],
  });

  test('puts pods that no policy tells apart into one group', () => {
    const twin = podOf('twin', { labels: { app: 'api', tier: 'x' }, ips: ['10.244.0.33'] });
    const { groups } = matrix(world, [web, api, twin, otherWeb, host]);
    assert.deepEqual(
      groups.map((group) => group.pods.map(keyOf)),
      [['default/web'], ['default/api', 'default/twin'], ['other/web']],
    );
  });

  test('tells what one group reaches of another', () => {
    const told = matrix(world, [web, api, otherWeb]);
    assert.deepEqual(told.spans(1, 0), [{ protocols: [6, 6], ports: [80, 80] }]);
    assert.deepEqual(told.spans(2, 0), []);
    assert.deepEqual(told.spans(0, 1), [{ protocols: [0, 255], ports: [0, 65_535] }]);
    assert.equal(told.admits(1, 0, tcp80), true);
    assert.equal(told.admits(1, 0, { protocol: 17, port: 80 }), false);
    assert.throws(() => told.spans(0, 9), RangeError);
  });

  test('goes through all pairs of pods', () => {
    const pairs = [...matrix(world, [web, api, otherWeb]).pairs()];
    assert.equal(pairs.length, 6);
    const closed = pairs.filter(({ spans }) => spans.length === 0);
    assert.deepEqual(
      closed.map(({ source, destination }) => `${keyOf(source)} ${keyOf(destination)}`),
      ['other/web default/web'],
    );
  });

  test('has a place for the world outside', () => {
    const addresses = [requireAddress(outside)];
    const told = matrix(world, [web, api], { addresses });
    assert.deepEqual(told.groups[2], { pods: [], addresses });
    assert.equal(told.admits(2, 0, tcp80), false);
    assert.equal(told.admits(2, 1, tcp80), true);
  });

  test('takes pods without an address, as manifests have them, to be in the pods’ ranges', () => {
    const podRanges = [requireCidr('10.244.0.0/16')];
    const blocks = policyOf('b', {
      podSelector: {},
      ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16' } }] }],
    });
    const told = matrix(worldOf({ policies: [blocks], podRanges }), [
      podOf('a', { namespace: 'other' }),
      podOf('b'),
    ]);
    assert.equal(told.admits(0, 1, tcp80), true);
  });

  test('is of one family', () => {
    const { groups } = matrix(world, [web, api], { family: 6 });
    assert.deepEqual(
      groups.map((group) => group.pods),
      [[web]],
    );
  });

  test('agrees with the judgement of every pair', () => {
    const several = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 8 });
    const facts = fc.record({
      pods: fc.uniqueArray(pods, { maxLength: 8, selector: podId }),
      policies: several(networkPolicies),
      clusterPolicies: several(clusterPolicies),
      namespaces: several(namespaceObjects),
      nodes: several(nodeObjects),
    });
    fc.assert(
      fc.property(facts, ({ pods, ...rest }) => {
        const world = worldOf({ ...rest, podRanges: podRangeTexts.map(requireCidr) });
        const pairs = [...matrix(world, pods).pairs()];
        const known = pods.filter(isPolicyPod).length;
        assert.equal(pairs.length, known ** 2 - known);
        for (const { source, destination, spans } of pairs) {
          const attempt = { source: partyOf(source), destination: partyOf(destination), ...tcp80 };
          const admits = spans.some(
            ({ protocols: [first, last], ports: [from, to] }) =>
              first <= 6 && last >= 6 && from <= 80 && to >= 80,
          );
          assert.equal(admits, judgeConnection(world, attempt).admits);
        }
      }),
      { numRuns: 60 },
    );
  });
});
