import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requireAddress } from '../ip/index.ts';
import { judgeService } from './judge.ts';
import { admitsSource } from './source-ranges.ts';
import { service, two, vantage } from './testing/judging.ts';

/** Each frontend of a load balancer with these ranges, and who may use it. */
function guarded(...loadBalancerSourceRanges: string[]): unknown {
  const spec = {
    type: 'LoadBalancer' as const,
    clusterIPs: ['10.96.0.1', 'fd00:10:96::1'],
    externalIPs: ['192.0.2.7'],
    loadBalancerSourceRanges,
    ports: [{ port: 80, nodePort: 30_080 }],
  };
  const ingress = [{ ip: '172.18.9.1' }, { ip: 'fd00:18:9::1' }];
  const subject = service(spec, { status: { loadBalancer: { ingress } } });
  const { captures } = judgeService(subject, two, vantage);
  return Object.fromEntries(
    captures.flatMap(({ frontend, family, sourceRanges }) =>
      sourceRanges === undefined ? [] : [[`${frontend} IPv${family}`, sourceRanges]],
    ),
  );
}

describe('row 11: source ranges', () => {
  test('guard the addresses of load balancers, and nothing else', () => {
    assert.deepEqual(guarded(' 192.0.2.0/24', 'fd00:99::/64'), {
      'LoadBalancerIP IPv4': ['192.0.2.0/24'],
      'LoadBalancerIP IPv6': ['fd00:99::/64'],
    });
  });

  test('of one family leave the other open', () => {
    assert.deepEqual(guarded('192.0.2.0/24'), { 'LoadBalancerIP IPv4': ['192.0.2.0/24'] });
  });

  test('with one of this node, let the address of the balancer itself in, too', () => {
    assert.deepEqual(guarded('172.18.0.0/26', 'fd00::/96'), {
      'LoadBalancerIP IPv4': ['172.18.0.0/26', '172.18.9.1/32'],
      'LoadBalancerIP IPv6': ['fd00::/96', 'fd00:18:9::1/128'],
    });
    assert.deepEqual(guarded('172.18.0.0/16'), { 'LoadBalancerIP IPv4': ['172.18.0.0/16'] });
  });

  test('admit sources of their own family and of none of the others', () => {
    const sourceRanges = ['192.0.2.0/24', 'fd00:99::/64'];
    const admitted = ['192.0.2.255', '192.0.3.0', '::192.0.2.1'].filter((source) =>
      admitsSource({ sourceRanges }, requireAddress(source)),
    );
    assert.deepEqual(admitted, ['192.0.2.255']);
    assert.equal(admitsSource({}, requireAddress('192.0.3.0')), true);
  });

  test('are none when none are given', () => assert.deepEqual(guarded(), {}));
});
