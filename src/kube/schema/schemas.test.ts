import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { descriptionsFile, schemasFile, serializeSchemas } from './compact.ts';
import { atomicObjects, factNames, factsOf } from './facts.ts';
import { generate } from './generate/encode.ts';
import { descriptionOf, schemaNamed, schemaNames } from './schemas.ts';

test('the generated files are what the generator makes of the installed client', async () => {
  const { schemas, descriptions } = await generate();
  assert.equal(readFileSync(schemasFile, 'utf8'), serializeSchemas(schemas));
  assert.deepEqual(
    JSON.parse(gunzipSync(readFileSync(descriptionsFile)).toString('utf8')),
    descriptions,
  );
});

test('schemas have their real names, types and required fields', () => {
  const port = schemaNamed('io.k8s.api.core.v1.ServicePort');
  assert.deepEqual(port?.fields.get('port'), {
    name: 'port',
    type: { kind: 'int32' },
    required: true,
  });
  assert.deepEqual(port?.fields.get('targetPort')?.type, { kind: 'intOrString' });
  const pod = schemaNamed('io.k8s.api.core.v1.Pod');
  assert.deepEqual(pod?.fields.get('metadata')?.type, {
    kind: 'object',
    schema: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  });
  assert.equal(schemaNamed('com.example.v1.CronTab'), undefined);
});

test('quantities, which the client flattens to strings, are quantities', () => {
  const resources = schemaNamed('io.k8s.api.core.v1.ResourceRequirements');
  assert.deepEqual(resources?.fields.get('limits')?.type, {
    kind: 'map',
    values: { kind: 'quantity' },
  });
});

test('every reference leads to a schema', () => {
  const missing = new Set<string>();
  for (const name of schemaNames()) {
    for (const field of schemaNamed(name)?.fields.values() ?? []) {
      let { type } = field;
      while (type.kind === 'array' || type.kind === 'map') {
        type = type.kind === 'array' ? type.items : type.values;
      }
      if (type.kind === 'object' && schemaNamed(type.schema) === undefined)
        missing.add(type.schema);
    }
  }
  assert.deepEqual([...missing], []);
});

test('every hand-written fact names a field that exists', () => {
  for (const name of factNames) {
    const schema = schemaNamed(name);
    for (const field of Object.keys(factsOf(name))) {
      assert.ok(schema?.fields.has(field), `${name} has no field ${field}`);
    }
  }
  for (const name of atomicObjects) assert.ok(schemaNamed(name), `${name} does not exist`);
});

test('container ports are merged by containerPort alone and applied by port and protocol', () => {
  const ports = schemaNamed('io.k8s.api.core.v1.Container')?.fields.get('ports');
  assert.equal(ports?.patchMergeKey, 'containerPort');
  assert.deepEqual(ports?.listMapKeys, ['containerPort', 'protocol']);
});

test('descriptions are those of the API', () => {
  assert.equal(
    descriptionOf('io.k8s.api.core.v1.ServicePort'),
    "ServicePort contains information on service's port.",
  );
  assert.match(descriptionOf('io.k8s.api.core.v1.ServicePort', 'protocol'), /Default is TCP\.$/);
});
