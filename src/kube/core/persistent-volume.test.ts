import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldErrors, row, updateErrors } from '../testing/kind-checks.ts';
import { persistentVolumeClaimKind } from './persistent-volume-claim.ts';
import { persistentVolumeKind } from './persistent-volume.ts';

describe('volumes and claims', () => {
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } };

  test('rows', () => {
    assert.equal(
      row(persistentVolumeClaimKind, {
        spec: { ...claim, volumeName: 'pv1', storageClassName: 'fast' },
        status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
      }),
      'Bound | pv1 | 1Gi | RWO | fast | <unset> | Filesystem',
    );
    assert.equal(
      row(persistentVolumeKind, {
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteMany'],
          claimRef: { namespace: 'a', name: 'b' },
        },
        status: { phase: 'Bound' },
      }),
      '1Gi | RWX | Retain | Bound | a/b |  | <unset> |  | Filesystem',
    );
  });

  test('a claim needs a mode and a size, and keeps them', () => {
    assert.deepEqual(fieldErrors(persistentVolumeClaimKind, { spec: {} }), [
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.resources[storage]: Required value',
    ]);
    assert.deepEqual(fieldErrors(persistentVolumeClaimKind, { spec: claim }), []);
    assert.match(
      updateErrors(
        persistentVolumeClaimKind,
        { spec: { ...claim, accessModes: ['ReadWriteMany'] } },
        { spec: claim },
      )[0] ?? '',
      /^spec: Invalid value: .*field is immutable$/,
    );
    assert.deepEqual(
      updateErrors(
        persistentVolumeClaimKind,
        { spec: { ...claim, volumeName: 'v' } },
        { spec: claim },
      ),
      [],
    );
  });

  test('a volume needs a capacity', () => {
    assert.deepEqual(
      fieldErrors(persistentVolumeKind, { spec: { accessModes: ['ReadWriteOnce'] } }),
      ['spec.capacity: Required value'],
    );
  });
});
