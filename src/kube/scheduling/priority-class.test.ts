import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrors, updateErrors } from '../testing/kind-checks.ts';
import { priorityClassKind as kind } from './priority-class.ts';

test('high values and system names are reserved', () => {
  assert.deepEqual(fieldErrors(kind, { value: 1_000_000_001 }), [
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ]);
  assert.match(
    fieldErrors(kind, { metadata: { name: 'system-mine' }, value: 1 })[0] ?? '',
    /reserved for system use only$/,
  );
});

test('the value stays', () => {
  assert.deepEqual(updateErrors(kind, { value: 2 }, { value: 1 }), [
    'value: Forbidden: may not be changed in an update.',
  ]);
});
