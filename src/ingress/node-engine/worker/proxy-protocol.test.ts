import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProxyHeader } from './proxy-protocol.ts';

const signature = '\r\n\r\n\0\r\nQUIT\n';
const addresses = '\x0a\x04\x05\x06\x0a\x00\x00\x01\x04\xd2\x00\x50';

function header(fields: string, command = '\x21'): Buffer {
  const length = addresses.length + fields.length;
  const head = `${signature}${command}\x11${String.fromCharCode(length >> 8, length & 0xff)}`;
  return Buffer.from(head + addresses + fields, 'latin1');
}

test('version 2 names the client, and says whether it came over TLS', () => {
  const plain = header('\x03\x00\x04\x01\x02\x03\x04');
  assert.deepEqual(readProxyHeader(plain), {
    length: plain.length,
    client: '10.4.5.6',
    isSecure: false,
  });
  // PP2_TYPE_SSL with PP2_CLIENT_SSL, verify 0, behind another field.
  const secure = header('\x02\x00\x01a\x20\x00\x05\x01\x00\x00\x00\x00');
  assert.equal((readProxyHeader(secure) as { isSecure?: boolean }).isSecure, true);
  const opened = header('\x20\x00\x05\x00\x00\x00\x00\x00');
  assert.equal((readProxyHeader(opened) as { isSecure?: boolean }).isSecure, false);
});

test('fields that are cut off say nothing', () => {
  for (const fields of ['\x20', '\x20\x00', '\x20\x00\x05', '\x02\xff\xffa']) {
    assert.equal((readProxyHeader(header(fields)) as { isSecure?: boolean }).isSecure, false);
  }
});

test('a header comes in pieces, or is none', () => {
  const whole = header('');
  for (let end = 0; end < whole.length; end += 1) {
    assert.equal(readProxyHeader(whole.subarray(0, end)), 'more');
  }
  assert.equal(readProxyHeader(Buffer.from('GET / HTTP/1.1\r\n')), 'none');
  assert.deepEqual(readProxyHeader(Buffer.from('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET')), {
    length: 32,
    client: '1.2.3.4',
  });
});
