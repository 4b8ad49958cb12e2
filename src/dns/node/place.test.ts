import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { formatAddress } from '../../ip/index.ts';
import { TestKernel } from '../../kernel/testing/test-kernel.ts';
import { listAddresses } from '../../netlink/index.ts';
import { prepareNode } from './place.ts';

describe('a node that answers for the DNS Service', () => {
  const host = new TestKernel();
  const netns = host.namespace('node');
  const { kernel } = host;
  after(() => host.dispose());

  test('has its addresses on loopback, also when it is prepared again', () => {
    prepareNode({ kernel, netns }, ['10.96.0.10', 'fd00:10:96::a']);
    prepareNode({ kernel, netns }, ['10.96.0.10', 'fd00:10:96::a']);
    const addresses = listAddresses(host.connect(netns)).map(
      ({ address, prefixLength }) => `${formatAddress(address)}/${prefixLength}`,
    );
    assert.deepEqual(addresses.toSorted(), [
      '10.96.0.10/32',
      '127.0.0.1/8',
      '::1/128',
      'fd00:10:96::a/128',
    ]);
  });

  test('never takes them as a source by itself: one ends at the host, one is deprecated', () => {
    prepareNode({ kernel, netns }, ['10.96.0.10', 'fd00:10:96::a']);
    const args = [`--net=${netns}`, 'ip', '-o', 'addr', 'show', 'dev', 'lo'];
    const text = execFileSync('nsenter', args, { encoding: 'utf8' });
    assert.match(text, /inet 10\.96\.0\.10\/32 scope host lo/);
    assert.match(text, /inet6 fd00:10:96::a\/128 scope global .*deprecated/);
  });

  test('keeps their questions and answers out of connection tracking', () => {
    prepareNode({ kernel, netns }, ['10.96.0.10']);
    const args = [`--net=${netns}`, 'nft', 'list', 'table', 'ip', 'portolan-dns'];
    const rules = `ip daddr 10.96.0.10 udp dport 53 notrack
		ip daddr 10.96.0.10 tcp dport 53 notrack
		ip saddr 10.96.0.10 udp sport 53 notrack
		ip saddr 10.96.0.10 tcp sport 53 notrack`;
    assert.equal(
      execFileSync('nsenter', args, { encoding: 'utf8' }),
      `table ip portolan-dns {
	chain prerouting {
		type filter hook prerouting priority raw; policy accept;
		${rules}
	}

	chain output {
		type filter hook output priority raw; policy accept;
		${rules}
	}
}
`,
    );
  });
});
