import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAddress, requireAddress, type Family } from '../ip/index.ts';
import type { Service } from '../kube/index.ts';
import { AddressBook } from './address-book.ts';
import { desiredBalancer } from './desired-balancer.ts';
import { HostAddresses } from './host-addresses.ts';
import { ServiceAddresses } from './service-addresses.ts';
import { defaultSettings } from './settings.ts';

function take(
  book: AddressBook,
  service: string,
  wish: { family?: Family; requested?: string; current?: string } = {},
): string {
  const { family = 4, requested, current } = wish;
  return formatAddress(
    book.take(service, {
      family,
      ...(requested === undefined ? {} : { requested: requireAddress(requested) }),
      ...(current === undefined ? {} : { current: requireAddress(current) }),
    }),
  );
}

describe('external addresses', () => {
  test('the lowest that is free, in either family', () => {
    const book = new AddressBook();
    assert.equal(take(book, 'a'), '172.19.0.1');
    assert.equal(take(book, 'b'), '172.19.0.2');
    assert.equal(take(book, 'b', { family: 6 }), 'fd00:172:19::1');
    book.release('a');
    assert.equal(take(book, 'c'), '172.19.0.1');
  });

  test('none that ends like a network or a broadcast address', () => {
    const book = new AddressBook();
    const given = Array.from({ length: 520 }, (_, number) => take(book, `s${number}`));
    assert.ok(given.includes('172.19.2.1'));
    assert.deepEqual(
      given.filter((address) => /\.(0|255)$/.test(address)),
      [],
    );
  });

  test('none where old connections drain, unless it is asked for', () => {
    const book = new AddressBook((address) => address === '172.19.0.1');
    assert.equal(take(book, 'a'), '172.19.0.2');
    assert.equal(take(book, 'b', { requested: '172.19.0.1' }), '172.19.0.1');
  });

  test('the current one is kept if it may be', () => {
    const book = new AddressBook();
    assert.equal(take(book, 'a', { current: '172.19.4.4' }), '172.19.4.4');
    assert.equal(take(book, 'b', { current: '172.19.4.4' }), '172.19.0.1');
    assert.equal(take(book, 'c', { current: '10.0.0.1' }), '172.19.0.2');
  });

  const refused: readonly (readonly [requested: string, message: RegExp])[] = [
    ['10.0.0.1', /10\.0\.0\.1 is no address of this cloud/],
    ['172.19.0.0', /172\.19\.0\.0 is no address of this cloud/],
    ['172.19.0.1', /172\.19\.0\.1 is the address of Service a$/],
  ];
  for (const [requested, message] of refused) {
    test(`${requested} cannot be asked for`, () => {
      const book = new AddressBook();
      take(book, 'a');
      assert.throws(() => take(book, 'b', { requested }), { message });
    });
  }
});

describe('the addresses of Services', () => {
  const service = (name: string, ip: string, creationTimestamp: string): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', creationTimestamp },
    spec: { type: 'LoadBalancer', ipFamilies: ['IPv4'] },
    status: { loadBalancer: { ingress: [{ ip }] } },
  });
  const taken = (addresses: ServiceAddresses, of: Service) =>
    addresses.take(of, desiredBalancer(of, defaultSettings)).map(formatAddress);

  test('are what their status says; of two that say the same, the older keeps it', () => {
    const addresses = new ServiceAddresses(() => false);
    const old = service('old', '172.19.0.1', '2026-01-01T00:00:00Z');
    const young = service('young', '172.19.0.1', '2026-01-02T00:00:00Z');
    addresses.restore([young, old]);
    assert.deepEqual(taken(addresses, young), ['172.19.0.2']);
    assert.deepEqual(taken(addresses, old), ['172.19.0.1']);
  });

  test('are kept although somebody wiped the status', () => {
    const addresses = new ServiceAddresses(() => false);
    const told = service('web', '172.19.5.5', '2026-01-01T00:00:00Z');
    assert.deepEqual(taken(addresses, told), ['172.19.5.5']);
    assert.deepEqual(taken(addresses, { ...told, status: {} }), ['172.19.5.5']);
  });
});

describe('addresses on the host', () => {
  test('end as the external ones where they can, and stay', () => {
    const addresses = new HostAddresses(3);
    const at = (service: string, external: string) =>
      addresses.take(service, requireAddress(external));
    assert.equal(at('a', '172.19.0.7'), '127.19.3.7');
    assert.equal(at('b', '172.19.1.7'), '127.19.3.1');
    assert.equal(at('c', 'fd00:172:19::8'), '127.19.3.8');
    assert.equal(at('a', '172.19.0.9'), '127.19.3.7');
    addresses.release('a');
    assert.equal(at('d', '172.19.2.7'), '127.19.3.7');
  });

  test('end when there are 254', () => {
    const addresses = new HostAddresses(0);
    const given = Array.from({ length: 255 }, (_, number) =>
      addresses.take(`s${number}`, requireAddress('172.19.0.1')),
    );
    assert.equal(new Set(given).size, 255);
    assert.equal(given.at(-1), undefined);
  });
});
