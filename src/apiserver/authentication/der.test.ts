import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bitString,
  objectIdentifier,
  octetString,
  positiveInteger,
  sequence,
  time,
} from './der.ts';

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('DER', () => {
  it('writes object identifiers in base 128', () => {
    // `openssl asn1parse -genstr OID:1.2.840.10045.4.3.2`
    assert.equal(hex(objectIdentifier('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
    assert.equal(hex(objectIdentifier('2.5.29.17')), '0603551d11');
  });

  it('keeps integers positive', () => {
    assert.equal(hex(positiveInteger(Buffer.from([0x7f]))), '02017f');
    assert.equal(hex(positiveInteger(Buffer.from([0x80]))), '02020080');
  });

  it('writes lengths in the short and the long forms', () => {
    assert.equal(hex(octetString(new Uint8Array(0x7f))).slice(0, 4), '047f');
    assert.equal(hex(octetString(new Uint8Array(0x80))).slice(0, 6), '048180');
    assert.equal(hex(octetString(new Uint8Array(0x100))).slice(0, 8), '04820100');
  });

  it('nests', () => {
    assert.equal(hex(sequence(bitString(Buffer.from([0x86]), 1))), '300403020186');
  });

  it('writes times in two digits before 2050 and four from then on', () => {
    assert.equal(time(Date.UTC(2026, 10, 21, 8, 0, 5)).toString('latin1', 2), '261121080005Z');
    assert.equal(time(Date.UTC(2050, 0, 1)).toString('latin1', 2), '20500101000000Z');
  });
});
