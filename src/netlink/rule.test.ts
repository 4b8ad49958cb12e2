import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requireCidr } from '../ip/index.ts';
import { Connection } from './connection.ts';
import { addRule, deleteRule, listRules, readRule } from './rule.ts';
import { assertCaptured } from './testing/captured.ts';
import { dumpOf, FakeNetlinkSocket } from './testing/fake-socket.ts';
import { reply } from './testing/replies.ts';

describe('rules are what ip makes of them', () => {
  test('ip rule add priority 100 fwmark 0x4000/0x4000 lookup 300', () => {
    assertCaptured(
      addRule({ family: 4, priority: 100, mark: { value: 0x4000, mask: 0x4000 }, table: 300 }),
      {
        command: 'ip rule add priority 100 fwmark 0x4000/0x4000 lookup 300',
        bytes:
          '3c000000200005060000000000000000020000000000000100000000080006006400000008000a0000400000080010000040000008000f002c010000',
      },
      12,
    );
  });

  test('ip rule add priority 101 from 10.244.0.0/16 to 10.96.0.0/12 iif lo lookup main', () => {
    assertCaptured(
      addRule({
        family: 4,
        priority: 101,
        source: requireCidr('10.244.0.0/16'),
        destination: requireCidr('10.96.0.0/12'),
        inputLink: 'lo',
        table: 254,
      }),
      {
        command: 'ip rule add priority 101 from 10.244.0.0/16 to 10.96.0.0/12 iif lo lookup main',
        bytes:
          '3c000000200005060000000000000000020c1000fe000001000000000800060065000000080002000af40000080001000a600000070003006c6f0000',
      },
      12,
    );
  });

  test('ip -6 rule add priority 100 from fd00::/8 lookup 300', () => {
    assertCaptured(
      addRule({ family: 6, priority: 100, source: requireCidr('fd00::/8'), table: 300 }),
      {
        command: 'ip -6 rule add priority 100 from fd00::/8 lookup 300',
        bytes:
          '400000002000050600000000000000000a0008000000000100000000080006006400000014000200fd00000000000000000000000000000008000f002c010000',
      },
      12,
    );
  });

  test('ip rule add priority 102 to 10.1.0.0/16 blackhole', () => {
    assertCaptured(
      addRule({
        family: 4,
        priority: 102,
        action: 'blackhole',
        destination: requireCidr('10.1.0.0/16'),
      }),
      {
        command: 'ip rule add priority 102 to 10.1.0.0/16 blackhole',
        bytes:
          '2c0000002000050600000000000000000210000000000006000000000800060066000000080001000a010000',
      },
      12,
    );
  });

  test('ip rule del priority 100', () => {
    assertCaptured(
      deleteRule({ family: 4, priority: 100 }),
      {
        command: 'ip rule del priority 100',
        bytes: '240000002100050000000000000000000200000000000000000000000800060064000000',
      },
      12,
    );
  });
});
describe('rules are read', () => {
  test('with a mark of nothing under a mask, which the kernel tells by the mask alone', () => {
    const body = Buffer.from(reply('rule').body);
    // `ip rule add ... fwmark 0/0x4000`: without FRA_FWMARK, whose type is made FRA_UNUSED2 here.
    body[body.indexOf('08000a0000400000', 0, 'hex') + 2] = 9;
    assert.deepEqual(readRule({ body })?.mark, { value: 0, mask: 0x4000 });
  });

  test('in the order of the kernel, those of multicast routing left out', () => {
    const messages = [reply('ruleLocal'), reply('rule'), reply('ruleMulticast')];
    const connection = new Connection(new FakeNetlinkSocket(dumpOf(messages)));
    assert.deepEqual(listRules(connection), [
      { family: 4, action: 'table', priority: 0, table: 255 },
      {
        family: 4,
        action: 'table',
        priority: 100,
        table: 300,
        source: requireCidr('10.0.0.0/8'),
        mark: { value: 0x4000, mask: 0x4000 },
        inputLink: 'lo',
      },
    ]);
  });
});
