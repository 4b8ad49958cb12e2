import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bindPacketLog, readLoggedPacket } from './packet-log.ts';
import { reply } from './testing/replies.ts';

describe('packet logs', () => {
  test('are subscribed to by group, packet by packet', () => {
    const { type, body } = bindPacketLog(7, 128);
    assert.equal(type, 0x401);
    assert.equal(
      Buffer.from(body).toString('hex'),
      ['00000007', '0500010001000000', '0a0002000000008002000000', '0800050000000001'].join(''),
    );
  });

  test('tell the rule, the hook, the interfaces and the packet', () => {
    const { payload, ...rest } = readLoggedPacket(reply('loggedPacket'));
    assert.deepEqual(rest, { group: 7, prefix: 'seen ', hook: 3, mark: 0, output: 1 });
    assert.equal(payload.subarray(28).toString(), 'hello');
  });
});
