import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds, type KindDefinition } from '../../kube/index.ts';
import type { OpenApiDocument } from './contract.ts';
import { createOpenApi } from './open-api.ts';

const openApi = createOpenApi({ kinds: () => kinds, version: 'v1.36.0' });

interface Json {
  [key: string]: Json;
}

function read(document: OpenApiDocument | undefined): Json {
  return JSON.parse(Buffer.from(document?.body ?? []).toString('utf8')) as Json;
}

const references = (text: string): Set<string> => new Set(text.match(/(?<="\$ref":")[^"]+/g));

test('the index leads to every group version', () => {
  const { paths } = read(openApi.index());
  assert.match(
    JSON.stringify(paths?.['api/v1']?.['serverRelativeURL']),
    /^"\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{64}"$/,
  );
  for (const path of Object.keys(paths ?? {})) assert.ok(openApi.groupVersion(path), path);
  assert.equal(openApi.groupVersion('apis/none/v1'), undefined);
});

test('every reference of every document leads to a definition', () => {
  const { paths } = read(openApi.index());
  for (const path of Object.keys(paths ?? {})) {
    const document = openApi.groupVersion(path);
    const text = Buffer.from(document?.body ?? []).toString('utf8');
    const schemas = read(document)['components']?.['schemas'] ?? {};
    for (const reference of references(text)) {
      assert.ok(reference.replace('#/components/schemas/', '') in schemas, reference);
    }
  }
  const v2 = openApi.v2('application/json');
  const definitions = read(v2)['definitions'] ?? {};
  for (const reference of references(Buffer.from(v2.body).toString('utf8'))) {
    assert.ok(reference.replace('#/definitions/', '') in definitions, reference);
  }
});

test('schemas carry what kubectl patches with and finds them by', () => {
  const schemas = read(openApi.groupVersion('api/v1'))['components']?.['schemas'] ?? {};
  const ports = schemas['io.k8s.api.core.v1.ServiceSpec']?.['properties']?.['ports'];
  assert.equal(ports?.['x-kubernetes-patch-merge-key'], 'port');
  assert.equal(ports?.['x-kubernetes-patch-strategy'], 'merge');
  assert.deepEqual(ports?.['x-kubernetes-list-map-keys'], ['port', 'protocol']);
  assert.deepEqual(schemas['io.k8s.api.core.v1.Service']?.['x-kubernetes-group-version-kind'], [
    { group: '', version: 'v1', kind: 'Service' },
  ]);
});

test('operation ids are unique', () => {
  const { paths } = read(openApi.v2('application/json'));
  const ids = Object.values(paths ?? {}).flatMap((path) =>
    Object.values(path).map((operation) => operation['operationId']),
  );
  const known = ids.filter((id) => id !== undefined);
  assert.equal(new Set(known).size, known.length);
});

test('documents stay the same object and tag until the kinds change', () => {
  let list: readonly KindDefinition[] = kinds.slice(0, 2);
  const changing = createOpenApi({ kinds: () => list, version: 'v1' });
  const first = changing.index();
  assert.equal(changing.index(), first);
  list = kinds.slice(0, 3);
  assert.notEqual(changing.index().etag, first.etag);
  assert.match(first.etag, /^"[0-9A-F]{64}"$/);
});

test('v2 is negotiated', () => {
  const asked = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  assert.match(openApi.v2(asked).contentType, /protobuf$/);
  assert.equal(openApi.v2('').contentType, 'application/json');
  assert.throws(() => openApi.v2('text/html'), { name: 'ApiError' });
});
