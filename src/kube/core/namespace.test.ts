import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaulted, row } from '../testing/kind-checks.ts';
import { namespaceKind } from './namespace.ts';

describe('Namespace', () => {
  test('carries its name as a label, and a finalizer', () => {
    const namespace = defaulted(namespaceKind, { metadata: { name: 'a', labels: { b: 'c' } } });
    namespaceKind.prepareCreate?.(namespace);
    assert.deepEqual(namespace.metadata.labels, { b: 'c', 'kubernetes.io/metadata.name': 'a' });
    assert.deepEqual(namespace.spec, { finalizers: ['kubernetes'] });
    assert.equal(row(namespaceKind, namespace), 'Active');
  });

  test('has a DNS label for a name', () => {
    assert.equal(namespaceKind.validateName?.('a.b').length, 1);
  });
});
