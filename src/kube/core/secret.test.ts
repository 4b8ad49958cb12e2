import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaulted, fieldErrors, row, updateErrors } from '../testing/kind-checks.ts';
import { configMapKind } from './config-map.ts';
import { secretKind } from './secret.ts';

describe('ConfigMap and Secret', () => {
  test('keys are checked, and how many are shown', () => {
    assert.equal(row(configMapKind, { data: { a: '' }, binaryData: { b: '' } }), '2');
    assert.deepEqual(fieldErrors(configMapKind, { data: { a: '' }, binaryData: { a: '' } }), [
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ]);
    assert.match(
      fieldErrors(configMapKind, { data: { 'a/b': '' } })[0] ?? '',
      /^data\[a\/b\]: Invalid/,
    );
    assert.equal(fieldErrors(configMapKind, { data: { a: 'x'.repeat(2 ** 20 + 1) } }).length, 1);
  });

  test('what is marked immutable stays', () => {
    const previous = { data: { a: '1' }, immutable: true };
    assert.deepEqual(updateErrors(configMapKind, { data: { a: '2' } }, previous), [
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
  });

  test('plain text becomes data', () => {
    const secret = defaulted(secretKind, { data: { a: 'YQ==' }, stringData: { b: 'text' } });
    assert.deepEqual(secret.data, { a: 'YQ==', b: 'dGV4dA==' });
    assert.equal(secret.stringData, undefined);
    assert.equal(row(secretKind, secret), 'Opaque | 2');
  });

  const types: readonly [type: string, data: object, ...errors: string[]][] = [
    ['kubernetes.io/tls', { 'tls.crt': '' }, 'data[tls.key]: Required value'],
    ['kubernetes.io/dockerconfigjson', {}, 'data[.dockerconfigjson]: Required value'],
    [
      'kubernetes.io/dockerconfigjson',
      { '.dockerconfigjson': 'eA==' },
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid JSON',
    ],
    [
      'kubernetes.io/basic-auth',
      {},
      'data[username]: Required value',
      'data[password]: Required value',
    ],
    [
      'kubernetes.io/service-account-token',
      {},
      'metadata.annotations[kubernetes.io/service-account.name]: Required value',
    ],
  ];
  for (const [type, data, ...errors] of types) {
    test(`${type} ${JSON.stringify(data)}`, () => {
      assert.deepEqual(fieldErrors(secretKind, { type, data }), errors);
    });
  }

  test('the type stays', () => {
    assert.deepEqual(updateErrors(secretKind, { type: 'b' }, { type: 'a' }), [
      'type: Invalid value: "b": field is immutable',
    ]);
  });
});
