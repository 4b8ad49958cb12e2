/**
 * Regenerates `gen/messages.json`: the field numbers of Kubernetes' protobuf messages, read from the descriptors
 * inside a kubectl program. `node src/apiserver/protobuf/generate/main.ts /path/to/kubectl`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { schemaNamed } from '../../../kube/index.ts';
import { messagesFile, type CompactMessages } from '../messages.ts';
import { messagesIn, type DescribedField, type DescribedMessage } from './descriptors.ts';

/** The stable APIs: what clients send. */
const packages = [
  'k8s.io.api.apps.v1',
  'k8s.io.api.authentication.v1',
  'k8s.io.api.authorization.v1',
  'k8s.io.api.autoscaling.v1',
  'k8s.io.api.autoscaling.v2',
  'k8s.io.api.batch.v1',
  'k8s.io.api.coordination.v1',
  'k8s.io.api.core.v1',
  'k8s.io.api.discovery.v1',
  'k8s.io.api.networking.v1',
  'k8s.io.api.policy.v1',
  'k8s.io.api.rbac.v1',
  'k8s.io.api.scheduling.v1',
  'k8s.io.api.storage.v1',
];

const deleteOptions = 'k8s.io.apimachinery.pkg.apis.meta.v1.DeleteOptions';

/** Types with a form of their own in JSON; the decoder knows them. */
const scalars: Readonly<Record<string, string>> = {
  'k8s.io.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'k8s.io.apimachinery.pkg.apis.meta.v1.FieldsV1': 'raw',
  'k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime': 'microTime',
  'k8s.io.apimachinery.pkg.apis.meta.v1.Time': 'time',
  'k8s.io.apimachinery.pkg.runtime.RawExtension': 'raw',
  'k8s.io.apimachinery.pkg.util.intstr.IntOrString': 'intOrString',
};

/** `FieldDescriptorProto.Type` */
const primitives: Readonly<Record<number, string>> = {
  1: 'double',
  3: 'int',
  5: 'int',
  8: 'bool',
  9: 'string',
  12: 'bytes',
};

const messages = new Map<string, DescribedMessage>();

/** `k8s.io.api.core.v1.Pod` is `io.k8s.api.core.v1.Pod` in OpenAPI. */
function schemaName(message: string): string {
  return message.replace(/^k8s\.io\./, 'io.k8s.');
}

/** A message that wraps one repeated field is written as the bare list (`ExtraValue`). */
function isListWrapper(message: DescribedMessage): boolean {
  const [field, ...rest] = message.fields;
  return rest.length === 0 && field?.name === 'items' && field.isRepeated;
}

function typeOf(field: DescribedField): string {
  const primitive = primitives[field.type];
  if (primitive !== undefined) return primitive;
  const target = messages.get(field.typeName);
  if (target === undefined) throw new Error(`${field.typeName} of ${field.name} is not described`);
  if (target.isMapEntry) {
    const value = target.fields.find(({ number }) => number === 2);
    return value === undefined ? 'map string' : `map ${typeOf(value)}`;
  }
  if (isListWrapper(target)) return 'texts';
  return scalars[field.typeName] ?? field.typeName;
}

/** A few names differ in case: `aPIGroup` in protobuf is `apiGroup` in JSON. */
function jsonName(message: DescribedMessage, { name }: DescribedField): string {
  const fields = schemaNamed(schemaName(message.name))?.fields.keys() ?? [];
  return [...fields].find((field) => field.toLowerCase() === name.toLowerCase()) ?? name;
}

/** An embedded Go struct is a field in protobuf and not in JSON: its fields stand in their parent. */
function isInline(message: DescribedMessage, field: DescribedField): boolean {
  const schema = schemaNamed(schemaName(message.name));
  if (schema === undefined || field.typeName === '') return false;
  return !schema.fields.has(jsonName(message, field));
}

function compactField(message: DescribedMessage, field: DescribedField): string {
  const type = typeOf(field);
  if (isInline(message, field)) return `... ${type}`;
  const isList = field.isRepeated && !type.startsWith('map ');
  return `${jsonName(message, field)} ${isList ? 'list ' : ''}${type}`;
}

function compact(roots: readonly string[]): CompactMessages {
  const result: Record<string, Record<string, string>> = {};
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const message = messages.get(name);
    if (result[name] !== undefined || message === undefined) continue;
    const fields = message.fields.map(
      (field) => [field.number, compactField(message, field)] as const,
    );
    result[name] = Object.fromEntries(fields);
    waiting.push(...fields.map(([, code]) => code.split(' ').at(-1) ?? ''));
  }
  return Object.fromEntries(Object.entries(result).sort(([one], [two]) => (one < two ? -1 : 1)));
}

function isRoot({ name, fields }: DescribedMessage): boolean {
  const inPackage = packages.some((prefix) => name.slice(0, name.lastIndexOf('.')) === prefix);
  return inPackage && !name.endsWith('List') && fields.some((field) => field.name === 'metadata');
}

const [program] = process.argv.slice(2);
if (program === undefined) throw new Error('name the kubectl program to read the descriptors from');
for (const message of messagesIn(readFileSync(program))) messages.set(message.name, message);
const roots = [...messages.values()].filter(isRoot).map(({ name }) => name);
writeFileSync(
  messagesFile,
  `${JSON.stringify(compact([...roots, deleteOptions]), undefined, 1)}\n`,
);
