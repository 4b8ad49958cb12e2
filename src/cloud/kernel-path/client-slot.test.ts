import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clientSlot, SLOTS } from './client-slot.ts';

describe('the slot of a client', () => {
  test('is the same however the address is written', () => {
    assert.equal(clientSlot('::ffff:203.0.113.9'), clientSlot('203.0.113.9'));
    assert.equal(clientSlot('2001:db8:0::9'), clientSlot('2001:db8::9'));
  });

  test('is one of all slots, each of which has its clients', () => {
    const clients = Array.from(
      { length: 2000 },
      (_, number) => `10.${number >> 8}.7.${number & 255}`,
    );
    const slots = new Set(clients.map(clientSlot));
    assert.equal(slots.size, SLOTS);
    assert.deepEqual(
      [...slots].sort((one, other) => one - other),
      Array.from({ length: SLOTS }, (_, slot) => slot),
    );
  });
});
