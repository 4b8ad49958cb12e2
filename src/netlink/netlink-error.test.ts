import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault } from '../fault/index.ts';
import { errnoName, isRefusal, NetlinkError, readAcknowledgement } from './netlink-error.ts';

/** The kernel's answer without NETLINK_CAP_ACK: the whole request is echoed between errno and attributes. */
const uncapped = Buffer.from(
  [
    // -ENODEV, then the request: length 20, RTM_DELLINK, REQUEST | ACK, sequence 1, and 4 bytes of body.
    'edffffff',
    '14000000110005000100000000000000',
    'aabbccdd',
    // NLMSGERR_ATTR_MSG `gone`, NLMSGERR_ATTR_OFFS 16.
    '09000100676f6e6500000000',
    '0800020010000000',
  ].join(''),
  'hex',
);

describe('acknowledgements', () => {
  test('are read behind an echoed request', () => {
    const message = { type: 2, flags: 0x200, sequence: 1, portId: 0, body: uncapped };
    assert.deepEqual(readAcknowledgement(message), {
      errno: 19,
      kernelMessage: 'gone',
      offset: 16,
    });
  });

  test('have no words unless the flag says so', () => {
    const message = { type: 2, flags: 0, sequence: 1, portId: 0, body: uncapped };
    assert.deepEqual(readAcknowledgement(message), { errno: 19 });
  });
});

describe('errnoName', () => {
  for (const [errno, name] of [
    [1, 'EPERM'],
    [11, 'EAGAIN'],
    [17, 'EEXIST'],
    [95, 'EOPNOTSUPP'],
    [105, 'ENOBUFS'],
    [524, 'errno 524'],
  ] as const) {
    test(`${errno} is ${name}`, () => assert.equal(errnoName(errno), name));
  }
});

describe('isRefusal', () => {
  test('is true for the named errors only', () => {
    const error: unknown = new NetlinkError('do it', { errno: 17 });
    assert.equal(isRefusal(error, 'ENOENT', 'EEXIST'), true);
    assert.equal(isRefusal(error, 'ENOENT'), false);
    assert.equal(isRefusal(new Fault({ code: 'EEXIST', message: 'other' }), 'EEXIST'), false);
  });
});
