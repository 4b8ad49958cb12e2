import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../kube/index.ts';
import { etcHosts, podHostname, resolvConf, type DnsSettings } from './name-files.ts';

const dns: DnsSettings = {
  clusterServers: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  hostServers: ['192.0.2.53'],
  hostSearch: ['example.com'],
};

function pod(spec: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { containers: [], ...spec },
  };
}

describe('resolv.conf', () => {
  test('ClusterFirst searches the namespace, svc, the zone and the host, with ndots:5', () => {
    assert.equal(
      resolvConf(pod(), { ...dns, hostSearch: [] }),
      'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
    );
    assert.match(resolvConf(pod(), dns), /^search .* cluster\.local example\.com$/m);
  });

  test("Default, and ClusterFirst of a host network pod, are the host's", () => {
    const host = 'search example.com\nnameserver 192.0.2.53\n';
    assert.equal(resolvConf(pod({ dnsPolicy: 'Default' }), dns), host);
    assert.equal(resolvConf(pod({ hostNetwork: true }), dns), host);
  });

  test("ClusterFirstWithHostNet is the cluster's", () => {
    const text = resolvConf(pod({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), dns);
    assert.match(text, /nameserver 10\.96\.0\.10/);
  });

  test('None takes dnsConfig alone', () => {
    const dnsConfig = {
      nameservers: ['192.0.2.1'],
      searches: ['ns1.svc.cluster-domain.example'],
      options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
    };
    assert.equal(
      resolvConf(pod({ dnsPolicy: 'None', dnsConfig }), dns),
      'search ns1.svc.cluster-domain.example\nnameserver 192.0.2.1\noptions ndots:2 edns0\n',
    );
  });

  test('dnsConfig is merged, its options win, and duplicates go', () => {
    const dnsConfig = {
      nameservers: ['10.96.0.10', '192.0.2.1'],
      searches: ['cluster.local', 'more.example'],
      options: [{ name: 'ndots', value: '1' }],
    };
    const text = resolvConf(pod({ dnsConfig }), dns);
    assert.equal(text.match(/nameserver/g)?.length, 2);
    assert.match(text, /options ndots:1$/m);
    assert.match(text, /cluster\.local example\.com more\.example$/m);
  });

  test('at most 32 search paths and 2048 characters (KEP-2595)', () => {
    const many = Array.from({ length: 40 }, (_, number) => `d${number}.example`);
    const [line = ''] = resolvConf(pod({ dnsConfig: { searches: many } }), dns).split('\n');
    assert.equal(line.split(' ').length - 1, 32);
    const long = Array.from({ length: 20 }, (_, number) => `${'x'.repeat(200)}${number}.example`);
    const [longLine = ''] = resolvConf(pod({ dnsConfig: { searches: long } }), dns).split('\n');
    assert.ok(longLine.length - 'search '.length <= 2048);
  });
});

describe('host name and hosts file', () => {
  test('a plain pod', () => {
    assert.equal(podHostname(pod(), 'cluster.local'), 'web');
    assert.match(etcHosts(pod(), ['10.244.0.5'], 'cluster.local'), /^10\.244\.0\.5\tweb$/m);
  });

  test('hostname and subdomain', () => {
    const object = pod({ hostname: 'db-0', subdomain: 'db' });
    assert.equal(podHostname(object, 'cluster.local'), 'db-0');
    assert.match(
      etcHosts(object, ['10.244.0.5'], 'cluster.local'),
      /^10\.244\.0\.5\tdb-0\.db\.shop\.svc\.cluster\.local\tdb-0$/m,
    );
  });

  test('setHostnameAsFQDN, and a name that Linux cannot hold', () => {
    const object = pod({ hostname: 'db-0', subdomain: 'db', setHostnameAsFQDN: true });
    assert.equal(podHostname(object, 'cluster.local'), 'db-0.db.shop.svc.cluster.local');
    const long = pod({ hostname: 'x'.repeat(60), subdomain: 'db', setHostnameAsFQDN: true });
    assert.equal(podHostname(long, 'cluster.local'), undefined);
  });

  test('hostAliases come last', () => {
    const hostAliases = [{ ip: '192.0.2.7', hostnames: ['foo.local', 'bar.local'] }];
    assert.match(
      etcHosts(pod({ hostAliases }), ['10.244.0.5'], 'cluster.local'),
      /# Entries added by HostAliases\.\n192\.0\.2\.7\tfoo\.local\tbar\.local\n$/,
    );
  });
});
