import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMapKind } from '../../kube/index.ts';
import { AdmissionChain } from './chain.ts';
import type { AdmissionPlugin } from './contract.ts';
import { creation } from './testing/requests.ts';

const object = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', namespace: 'default' },
};

function recorder(name: string, heard: string[]): AdmissionPlugin {
  return {
    name,
    admit: () => ({
      undo: () => heard.push(`${name} undo`),
      done: ({ metadata }) => heard.push(`${name} done ${metadata.name}`),
      warnings: [`${name} warns`],
    }),
  };
}

test('everyone hears that the write is done, in order', async () => {
  const heard: string[] = [];
  const chain = new AdmissionChain([recorder('a', heard), recorder('b', heard)]);
  const outcome = await chain.admit(creation(configMapKind, structuredClone(object)));
  assert.deepEqual(outcome.warnings, ['a warns', 'b warns']);
  outcome.done(object);
  assert.deepEqual(heard, ['a done x', 'b done x']);
});

test('a failed write is undone from the last plugin to the first', async () => {
  const heard: string[] = [];
  const chain = new AdmissionChain([recorder('a', heard), recorder('b', heard)]);
  (await chain.admit(creation(configMapKind, structuredClone(object)))).undo();
  assert.deepEqual(heard, ['b undo', 'a undo']);
});

test('when a plugin refuses, those before it undo and those after it are not asked', async () => {
  const heard: string[] = [];
  const refusing: AdmissionPlugin = {
    name: 'refusing',
    admit: () => {
      throw new Error('no');
    },
  };
  const chain = new AdmissionChain([recorder('a', heard), refusing, recorder('b', heard)]);
  await assert.rejects(
    chain.admit(creation(configMapKind, structuredClone(object))),
    /^Error: no$/,
  );
  assert.deepEqual(heard, ['a undo']);
});
