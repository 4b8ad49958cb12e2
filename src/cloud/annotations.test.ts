import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAddress } from '../ip/index.ts';
import { ANNOTATION_PREFIX, readAnnotations } from './annotations.ts';
import { defaultSettings } from './settings.ts';

function read(annotations: Record<string, string>) {
  const named = Object.entries(annotations).map(([name, value]) => [
    `${ANNOTATION_PREFIX}${name}`,
    value,
  ]);
  return readAnnotations(Object.fromEntries(named) as Record<string, string>, defaultSettings);
}

describe('annotations', () => {
  test('none leave the defaults, and those of others are nobody’s business', () => {
    const annotations = {
      'service.beta.kubernetes.io/azure-load-balancer-internal': 'true',
      'example.com/note': 'x',
    };
    assert.deepEqual(readAnnotations(annotations, defaultSettings), {
      settings: defaultSettings,
      complaints: [],
    });
  });

  test('every one that is known, in the units it is documented in', () => {
    const { settings, complaints } = read({
      'connection-draining-enabled': 'false',
      'connection-draining-timeout': '45',
      'connection-idle-timeout': '60',
      'healthcheck-interval': '20',
      'healthcheck-timeout': '5',
      'healthcheck-healthy-threshold': '3',
      'healthcheck-unhealthy-threshold': '6',
      'healthcheck-port': '31234',
      'healthcheck-path': '/ready',
      'healthcheck-protocol': 'http',
      internal: 'True',
      'proxy-protocol': '*',
    });
    assert.deepEqual(complaints, []);
    assert.deepEqual(settings, {
      draining: { enabled: false, timeoutMs: 45_000 },
      idleTimeoutMs: 60_000,
      health: {
        intervalMs: 20_000,
        timeoutMs: 5000,
        healthyThreshold: 3,
        unhealthyThreshold: 6,
        port: 31_234,
        path: '/ready',
        protocol: 'HTTP',
      },
      isInternal: true,
      proxyProtocol: true,
      addresses: [],
    });
  });

  test('static addresses, one of each family', () => {
    const { settings } = read({
      'private-ipv4-addresses': '172.19.3.3, 172.19.3.4',
      'ipv6-addresses': 'fd00:172:19::33',
    });
    assert.deepEqual(settings.addresses.map(formatAddress), ['172.19.3.3', 'fd00:172:19::33']);
  });

  test('traffic-port is the default', () => {
    assert.deepEqual(read({ 'healthcheck-port': 'traffic-port' }).settings, defaultSettings);
  });

  const refused: readonly (readonly [name: string, value: string, complaint: string])[] = [
    ['internal', 'yes', '"yes" is not one of true, false'],
    ['connection-idle-timeout', '0', '"0" is not a whole number from 1 to 3600'],
    ['connection-draining-timeout', '1.5', '"1.5" is not a whole number from 1 to 3600'],
    ['healthcheck-healthy-threshold', '11', '"11" is not a whole number from 1 to 10'],
    ['healthcheck-port', '70000', '"70000" is not a whole number from 1 to 65535'],
    ['healthcheck-path', 'ready', '"ready" is not a path that begins with "/"'],
    ['healthcheck-protocol', 'icmp', '"icmp" is not one of tcp, http, https'],
    ['eip-allocations', 'eipalloc-1', '"eipalloc-1" is not IP addresses, divided by commas'],
    ['ssl-cert', 'arn:aws:acm:1', 'it means nothing here'],
    ['internal', 'constructor', '"constructor" is not one of true, false'],
    ['toString', '', 'it means nothing here'],
  ];
  for (const [name, value, complaint] of refused) {
    test(`${name}: ${value} is told and ignored`, () => {
      const { settings, complaints } = read({ [name]: value });
      assert.deepEqual(complaints, [
        `Ignored annotation ${ANNOTATION_PREFIX}${name}: ${complaint}`,
      ]);
      assert.deepEqual(settings, defaultSettings);
    });
  }
});
