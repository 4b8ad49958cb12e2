import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, configMapKind, notFound } from '../../kube/index.ts';
import { clientReader } from './client-reader.ts';

function failingWith(failure: Error): ReturnType<typeof clientReader> {
  const fail = async (): Promise<never> => {
    throw failure;
  };
  return clientReader({ get: fail, list: fail });
}

test('what is not there reads as undefined, every other failure is passed on', async () => {
  const ref = { name: 'x', namespace: 'default' };
  assert.equal(await failingWith(notFound(configMapKind, 'x')).get(configMapKind, ref), undefined);
  const broken = new ApiError('InternalError', 'the store is closed');
  await assert.rejects(async () => failingWith(broken).get(configMapKind, ref), broken);
  await assert.rejects(async () => failingWith(broken).list(configMapKind), broken);
});
