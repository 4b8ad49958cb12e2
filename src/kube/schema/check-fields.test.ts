import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFields } from './check-fields.ts';

const service = 'io.k8s.api.core.v1.Service';

function messages(schema: string, object: unknown): string[] {
  return checkFields(schema, object).map((problem) => problem.message);
}

test('a correct object has no problems', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'a', creationTimestamp: null, labels: { app: 'a' } },
    spec: { ports: [{ port: 80, targetPort: 'http' }], selector: { app: 'a' } },
  };
  assert.deepEqual(checkFields(service, object), []);
});

test('unknown fields are named with their position', () => {
  const object = { spec: { selectr: {}, ports: [{ port: 80 }, { prot: 1 }] } };
  assert.deepEqual(messages(service, object), [
    'unknown field "spec.selectr"',
    'unknown field "spec.ports[1].prot"',
  ]);
});

test('field names are case sensitive', () => {
  assert.deepEqual(messages(service, { spec: { clusterip: 'None' } }), [
    'unknown field "spec.clusterip"',
  ]);
});

const mismatches: readonly (readonly [object: unknown, message: string])[] = [
  [
    { spec: { ports: [{ port: '80' }] } },
    'json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
  ],
  [
    { spec: { ports: [{ port: 1.5 }] } },
    'json: cannot unmarshal number into Go struct field ServicePort.spec.ports.port of type int32',
  ],
  [
    { metadata: { labels: { a: 1 } } },
    'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
  ],
  [
    { spec: { clusterIPs: 'None' } },
    'json: cannot unmarshal string into Go struct field ServiceSpec.spec.clusterIPs of type []string',
  ],
  [
    { spec: [] },
    'json: cannot unmarshal array into Go struct field Service.spec of type v1.ServiceSpec',
  ],
  [
    { metadata: { annotations: { a: true } } },
    'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.annotations of type string',
  ],
  [[], 'json: cannot unmarshal array into Go value of type v1.Service'],
];

for (const [object, message] of mismatches) {
  test(`${JSON.stringify(object)} answers as Go's decoder does`, () => {
    assert.deepEqual(
      checkFields(service, object).map((problem) => problem.kind),
      ['type'],
    );
    assert.deepEqual(messages(service, object), [message]);
  });
}

test('types with decoders of their own answer in their words', () => {
  const limits = { limits: { cpu: '1x', memory: '1.5Gi', pods: 3, 'a/b': '5e3' } };
  assert.match(messages('io.k8s.api.core.v1.ResourceRequirements', limits)[0] ?? '', /^quantities/);
  assert.equal(messages('io.k8s.api.core.v1.ResourceRequirements', limits).length, 1);
  assert.deepEqual(messages('io.k8s.api.core.v1.Secret', { data: { a: 'b2s=', b: 'no!' } }), [
    'illegal base64 data at input byte 2',
  ]);
  const lease = { spec: { renewTime: '2026-11-21T01:44:40.123456Z', acquireTime: 'now' } };
  assert.match(messages('io.k8s.api.coordination.v1.Lease', lease)[0] ?? '', /^parsing time "now"/);
});

test('free JSON and custom resources are not looked into', () => {
  assert.deepEqual(checkFields('com.example.v1.CronTab', { anything: 1 }), []);
  assert.deepEqual(checkFields('io.k8s.api.apps.v1.ControllerRevision', { data: { x: 1 } }), []);
});
