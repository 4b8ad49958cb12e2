import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cells, fieldErrors, updateErrors } from '../testing/kind-checks.ts';
import { storageClassKind as kind } from './storage-class.ts';

test('a default class says so in its name', () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const row = cells(kind, { metadata: { name: 'fast', annotations }, provisioner: 'a/b' });
  assert.deepEqual(
    [row['Name'], row['ReclaimPolicy'], row['VolumeBindingMode'], row['AllowVolumeExpansion']],
    ['fast (default)', 'Delete', 'Immediate', 'false'],
  );
});

test('the provisioner is needed and stays', () => {
  assert.deepEqual(fieldErrors(kind, {}), ['provisioner: Required value']);
  assert.deepEqual(updateErrors(kind, { provisioner: 'a' }, { provisioner: 'b' }), [
    'provisioner: Forbidden: updates to provisioner are forbidden.',
  ]);
});
