import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '../../kube/index.ts';
import { applyPatch } from './apply-patch.ts';

const original: AnyObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', labels: { a: '1', b: '2' } },
  data: { x: '1' },
};
const schema = 'io.k8s.api.core.v1.ConfigMap';

test('RFC 7386: null deletes, objects merge, lists replace', () => {
  const body = { metadata: { labels: { a: null, c: '3' } }, data: { x: ['y'], n: { deep: null } } };
  const result = applyPatch({ type: 'merge', body, original, schema });
  assert.deepEqual(result.metadata.labels, { b: '2', c: '3' });
  assert.deepEqual(result['data'], { x: ['y'], n: {} });
});

test('the original and the body stay as they were', () => {
  const before = structuredClone(original);
  const body = { metadata: { labels: { a: null } }, $retainKeys: ['metadata'] };
  const bodyBefore = structuredClone(body);
  for (const type of ['merge', 'strategic'] as const) {
    applyPatch({ type, body, original, schema });
  }
  applyPatch({ type: 'json', body: [{ op: 'remove', path: '/data/x' }], original, schema });
  assert.deepEqual(original, before);
  assert.deepEqual(body, bodyBefore);
});

test('a strategic merge patch of a custom resource is an unsupported media type', () => {
  const request = {
    type: 'strategic',
    body: {},
    original,
    schema: 'com.example.v1.Thing',
  } as const;
  assert.throws(
    () => applyPatch(request),
    /the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/,
  );
});

test('a patch that is not an object, or makes none, is a bad request', () => {
  assert.throws(
    () => applyPatch({ type: 'merge', body: [], original, schema }),
    /json: cannot unmarshal array into Go value of type map\[string\]interface \{\}/,
  );
  const body = [{ op: 'replace', path: '', value: 1 }];
  assert.throws(
    () => applyPatch({ type: 'json', body, original, schema }),
    /cannot unmarshal number/,
  );
});
