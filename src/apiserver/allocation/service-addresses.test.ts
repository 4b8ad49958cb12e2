import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServiceSpec } from '../../kube/index.ts';
import { ServiceAllocator } from './service-allocator.ts';
import { change, dualStack, messageOfRefusal, service, store } from './testing/services.ts';

describe('addresses', () => {
  test('dynamic ones start above the static band, in order from the picked place', () => {
    const allocator = new ServiceAllocator(dualStack);
    const first = store(allocator, service('a', {}));
    const second = store(allocator, service('b', {}));
    assert.deepEqual(first.spec.clusterIPs, ['10.96.1.1']);
    assert.equal(first.spec.clusterIP, '10.96.1.1');
    assert.deepEqual(second.spec.clusterIPs, ['10.96.1.2']);
    assert.equal(first.spec.ipFamilyPolicy, 'SingleStack');
    assert.deepEqual(first.spec.ipFamilies, ['IPv4']);
  });

  test('the static band serves when nothing else is left, then the range is full', () => {
    const allocator = new ServiceAllocator({ ...dualStack, serviceCidrs: ['10.0.0.0/27'] });
    const given = Array.from({ length: 30 }, (_, index) =>
      store(allocator, service(`s${index}`, {})),
    ).map(({ spec }) => spec.clusterIP);
    assert.equal(given[0], '10.0.0.17');
    assert.equal(given[13], '10.0.0.30');
    assert.equal(given[14], '10.0.0.1');
    assert.equal(new Set(given).size, 30);
    assert.equal(
      messageOfRefusal(() => allocator.reserve(service('one-more', {}), undefined)),
      'Internal error occurred: failed to allocate a serviceIP: range is full',
    );
  });

  const refused: readonly [string, ServiceSpec, string][] = [
    [
      'one that is held',
      { clusterIP: '10.96.0.1' },
      'Service "x" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    ],
    [
      'one outside',
      { clusterIP: '192.0.2.1' },
      'Service "x" is invalid: spec.clusterIPs: Invalid value: ["192.0.2.1"]: failed to allocate IP 192.0.2.1: the provided IP (192.0.2.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
    ],
    [
      "the network's own",
      { clusterIP: '10.96.0.0' },
      'Service "x" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.0"]: failed to allocate IP 10.96.0.0: the provided IP (10.96.0.0) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
    ],
    [
      'none at all',
      { clusterIP: 'ten' },
      'Service "x" is invalid: spec.clusterIPs[0]: Invalid value: "ten": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      'two with SingleStack',
      {
        clusterIPs: ['10.96.0.9', 'fd00:10:96::9'],
        clusterIP: '10.96.0.9',
        ipFamilyPolicy: 'SingleStack',
      },
      `Service "x" is invalid: spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified`,
    ],
  ];
  for (const [what, spec, message] of refused) {
    test(`refuses ${what}`, () => {
      const allocator = new ServiceAllocator(dualStack);
      store(allocator, service('kubernetes', { clusterIP: '10.96.0.1' }));
      assert.equal(
        messageOfRefusal(() => allocator.reserve(service('x', spec), undefined)),
        message,
      );
    });
  }

  test('headless Services and external names hold none', () => {
    const allocator = new ServiceAllocator(dualStack);
    const headless = store(allocator, service('h', { clusterIP: 'None' }));
    assert.deepEqual(headless.spec.clusterIPs, ['None']);
    const external = store(
      allocator,
      service('e', { type: 'ExternalName', externalName: 'db.example' }),
    );
    assert.equal(external.spec.clusterIPs, undefined);
    assert.equal(external.spec.ipFamilies, undefined);
  });
});

describe('families', () => {
  const cases: readonly [string, ServiceSpec, Partial<ServiceSpec>][] = [
    [
      'PreferDualStack takes both',
      { ipFamilyPolicy: 'PreferDualStack' },
      { ipFamilies: ['IPv4', 'IPv6'], clusterIPs: ['10.96.1.1', 'fd00:10:96::101'] },
    ],
    [
      'the order asked for decides the primary one',
      { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] },
      { ipFamilies: ['IPv6', 'IPv4'], clusterIP: 'fd00:10:96::101' },
    ],
    [
      'IPv6 alone',
      { ipFamilies: ['IPv6'] },
      { clusterIPs: ['fd00:10:96::101'], ipFamilyPolicy: 'SingleStack' },
    ],
    [
      'a chosen address names its family',
      { clusterIP: 'fd00:10:96::7' },
      { clusterIPs: ['fd00:10:96::7'], ipFamilies: ['IPv6'] },
    ],
    [
      'headless without selector is dual',
      { clusterIP: 'None', selector: undefined },
      { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' },
    ],
    [
      'headless with selector is not',
      { clusterIP: 'None' },
      { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
    ],
  ];
  for (const [what, spec, expected] of cases) {
    test(what, () => {
      const { spec: actual } = store(new ServiceAllocator(dualStack), service('x', spec));
      for (const [field, value] of Object.entries(expected)) {
        assert.deepEqual(actual[field as keyof ServiceSpec], value, field);
      }
    });
  }

  test('a cluster of one family cannot give two', () => {
    const allocator = new ServiceAllocator({ ...dualStack, serviceCidrs: ['10.96.0.0/12'] });
    const preferring = store(allocator, service('p', { ipFamilyPolicy: 'PreferDualStack' }));
    assert.deepEqual(preferring.spec.ipFamilies, ['IPv4']);
    assert.equal(
      messageOfRefusal(() =>
        allocator.reserve(service('x', { ipFamilyPolicy: 'RequireDualStack' }), undefined),
      ),
      'Service "x" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    );
  });

  test('up to two families and back', () => {
    const allocator = new ServiceAllocator(dualStack);
    const single = store(allocator, service('x', {}));
    const dual = store(
      allocator,
      change(single, (spec) => {
        spec.ipFamilyPolicy = 'PreferDualStack';
      }),
      single,
    );
    assert.deepEqual(dual.spec.clusterIPs, ['10.96.1.1', 'fd00:10:96::101']);
    const back = store(
      allocator,
      change(dual, (spec) => {
        spec.ipFamilyPolicy = 'SingleStack';
      }),
      dual,
    );
    assert.deepEqual(back.spec.clusterIPs, ['10.96.1.1']);
    assert.deepEqual(back.spec.ipFamilies, ['IPv4']);
    const next = store(allocator, service('y', { ipFamilies: ['IPv6'] }));
    assert.equal(next.spec.clusterIP, 'fd00:10:96::101', 'the released address is free again');
  });

  test('taking off an address without saying SingleStack is refused', () => {
    const allocator = new ServiceAllocator(dualStack);
    const dual = store(allocator, service('x', { ipFamilyPolicy: 'RequireDualStack' }));
    const next = change(dual, (spec) => {
      spec.clusterIPs = spec.clusterIPs?.slice(0, 1);
    });
    assert.match(
      messageOfRefusal(() => allocator.reserve(next, dual)),
      /spec\.ipFamilyPolicy: Invalid value: "RequireDualStack": must be 'SingleStack' to release the secondary cluster IP/,
    );
  });
});
