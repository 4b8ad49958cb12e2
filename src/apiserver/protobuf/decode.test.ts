import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kinds } from '../../kube/index.ts';
import { decodeProtobuf } from './decode.ts';

/** Writes one field: a text or nested bytes, or a small number. */
function field(number: number, value: string | Buffer | number): Buffer {
  if (typeof value === 'number') return Buffer.from([number << 3, value]);
  const bytes = Buffer.from(value);
  assert.ok(bytes.length < 16_384);
  const length =
    bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function envelope(apiVersion: string, kind: string, raw: Buffer): Buffer {
  const typeMeta = message(field(1, apiVersion), field(2, kind));
  return message(Buffer.from('k8s\0'), field(1, typeMeta), field(2, raw));
}

const name = field(1, 'web');
const metadata = field(1, message(name, field(2, ''), field(8, Buffer.alloc(0))));

describe('the messages', () => {
  for (const { group, version, kind, structural } of kinds) {
    // Custom resources and their definitions come as JSON: no client has a struct for what is in them.
    if (group === 'apiextensions.k8s.io' || structural !== undefined) continue;
    it(`know ${kind} of ${group === '' ? 'the core group' : group}`, () => {
      const apiVersion = group === '' ? version : `${group}/${version}`;
      assert.equal(decodeProtobuf(envelope(apiVersion, kind, metadata)).kind, kind);
    });
  }
});

describe('decodeProtobuf', () => {
  it('reads a ConfigMap as its JSON', () => {
    const entry = field(2, message(field(1, 'key'), field(2, 'value')));
    const binary = field(3, message(field(1, 'bin'), field(2, Buffer.from([1, 2]))));
    const body = envelope('v1', 'ConfigMap', message(metadata, entry, binary));
    assert.deepEqual(decodeProtobuf(body), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'web' },
      data: { key: 'value' },
      binaryData: { bin: 'AQI=' },
    });
  });

  it('keeps a zero that is a statement and leaves out one that is none', () => {
    // DeploymentSpec: replicas is a pointer (field 1), minReadySeconds (field 5) is not.
    const spec = field(2, message(field(1, 0), field(5, 0)));
    const body = envelope('apps/v1', 'Deployment', message(metadata, spec));
    assert.deepEqual(decodeProtobuf(body)['spec'], { replicas: 0 });
  });

  it('reads a Service: lists, int-or-string, quantities of nested messages', () => {
    const target = field(4, message(field(1, 1), field(2, 0), field(3, 'http')));
    const port = field(1, message(field(1, ''), field(2, 'TCP'), field(3, 80), target));
    const selector = field(2, message(field(1, 'app'), field(2, 'web')));
    const spec = field(2, message(port, selector, field(3, '')));
    const body = envelope('v1', 'Service', message(metadata, spec));
    assert.deepEqual(decodeProtobuf(body)['spec'], {
      ports: [{ protocol: 'TCP', port: 80, targetPort: 'http' }],
      selector: { app: 'web' },
    });
  });

  it('puts the fields of embedded structs into their parent', () => {
    // Volume: VolumeSource is field 2 and embedded; EmptyDir is its field 2.
    const volume = field(1, message(field(1, 'tmp'), field(2, field(2, Buffer.alloc(0)))));
    const body = envelope('v1', 'Pod', message(metadata, field(2, volume)));
    assert.deepEqual(decodeProtobuf(body)['spec'], { volumes: [{ name: 'tmp', emptyDir: {} }] });
  });

  it('skips fields that it does not know', () => {
    const body = envelope('v1', 'ConfigMap', message(metadata, field(15, 'future')));
    assert.deepEqual(decodeProtobuf(body)['metadata'], { name: 'web' });
  });

  const refusals: readonly (readonly [string, Buffer])[] = [
    ['JSON', Buffer.from('{}')],
    ['a body that is cut off', envelope('v1', 'ConfigMap', metadata).subarray(0, -3)],
    ['a kind that is not known', envelope('example.com/v1', 'Box', metadata)],
  ];
  for (const [what, body] of refusals) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeProtobuf(body), { reason: 'BadRequest' });
    });
  }
});
