import { badRequest } from '../../kube/index.ts';
import { messageNamed, type MessageField } from './messages.ts';
import { saysNothing } from './presence.ts';
import { bytesOf, integerOf, readFields, textOf, type WireField } from './wire.ts';

type Value = WireField['value'];
type JsonObject = Record<string, unknown>;

/** `runtime/serializer/protobuf`: every body starts with these bytes, then a `runtime.Unknown`. */
const magic = Buffer.from('k8s\0', 'latin1');

function secondsAndNanos(value: Value): { readonly seconds: number; readonly nanos: number } {
  const fields = readFields(bytesOf(value));
  const at = (number: number): number =>
    integerOf(fields.find((field) => field.number === number)?.value ?? 0n);
  return { seconds: at(1), nanos: at(2) };
}

/** The zero time is null in JSON. */
function timeText(value: Value, digits: 0 | 6): string | null {
  const { seconds, nanos } = secondsAndNanos(value);
  if (bytesOf(value).length === 0 || seconds <= 0) return null;
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = digits === 0 ? '' : `.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}`;
  return `${whole}${fraction}Z`;
}

/** `{type = 1, intVal = 2, strVal = 3}`; type 1 is a text. */
function intOrString(value: Value): number | string {
  const fields = readFields(bytesOf(value));
  const at = (number: number): Value =>
    fields.find((field) => field.number === number)?.value ?? 0n;
  return integerOf(at(1)) === 1 ? textOf(at(3)) : integerOf(at(2));
}

function firstText(value: Value): string {
  const field = readFields(bytesOf(value)).find(({ number }) => number === 1);
  return field === undefined ? '' : textOf(field.value);
}

function rawJson(value: Value): unknown {
  const text = firstText(value);
  return text === '' ? null : (JSON.parse(text) as unknown);
}

function double(value: Value): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(typeof value === 'bigint' ? value : 0n);
  return bytes.readDoubleLE();
}

/** A list type of its own (`ExtraValue`): a message with one repeated field. */
function texts(value: Value): string[] {
  return readFields(bytesOf(value)).map((item) => textOf(item.value));
}

const scalars: Readonly<Record<string, (value: Value) => unknown>> = {
  bool: (value) => value !== 0n,
  bytes: (value) => Buffer.from(bytesOf(value)).toString('base64'),
  double,
  int: integerOf,
  intOrString,
  microTime: (value) => timeText(value, 6),
  quantity: firstText,
  raw: rawJson,
  string: textOf,
  texts,
  time: (value) => timeText(value, 0),
};

function decodeValue(type: string, value: Value): unknown {
  const scalar = scalars[type];
  return scalar === undefined ? decodeMessage(type, bytesOf(value)) : scalar(value);
}

/** A map is a list of entries `{key = 1, value = 2}`, an absent value being the zero of its type. */
function addEntry(map: JsonObject, type: string, value: Value): void {
  const fields = readFields(bytesOf(value));
  const at = (number: number): Value =>
    fields.find((field) => field.number === number)?.value ?? new Uint8Array();
  map[textOf(at(1))] = decodeValue(type, at(2));
}

function addField(object: JsonObject, field: MessageField, value: Value): void {
  const { name, container, type } = field;
  if (name === undefined) {
    Object.assign(object, decodeMessage(type, bytesOf(value)));
    return;
  }
  if (container === 'list') {
    const list = (object[name] ??= []) as unknown[];
    list.push(decodeValue(type, value));
  } else if (container === 'map') {
    addEntry((object[name] ??= {}) as JsonObject, type, value);
  } else {
    const decoded = decodeValue(type, value);
    if (!saysNothing(name, decoded)) object[name] = decoded;
  }
}

/** Decodes one message; fields that are not known are skipped, as protobuf wants it. */
function decodeMessage(name: string, bytes: Uint8Array): JsonObject {
  const message = messageNamed(name);
  if (message === undefined) throw badRequest(`no protobuf message ${name} is known`);
  const object: JsonObject = {};
  for (const { number, value } of readFields(bytes)) {
    const field = message.get(number);
    if (field !== undefined) addField(object, field, value);
  }
  return object;
}

/** The Go package of a kind: `apps/v1` is `k8s.io.api.apps.v1`; options are in the machinery. */
function messageName(apiVersion: string, kind: string): string {
  if (kind === 'DeleteOptions') return 'k8s.io.apimachinery.pkg.apis.meta.v1.DeleteOptions';
  const [group = '', version] = apiVersion.includes('/')
    ? apiVersion.split('/')
    : ['core', apiVersion];
  return `k8s.io.api.${group.replace(/\..*$/, '')}.${version ?? ''}.${kind}`;
}

/**
 * Decodes a body in Kubernetes' protobuf form to what its JSON form would be. kubectl's own `create` commands send
 * it since 1.32, without asking first.
 * @throws ApiError `BadRequest`
 */
export function decodeProtobuf(body: Uint8Array): JsonObject {
  if (!magic.equals(body.subarray(0, magic.length))) {
    throw badRequest(
      'the body of the request is not protobuf as Kubernetes sends it: it does not start with "k8s"',
    );
  }
  const unknown = readFields(body.subarray(magic.length));
  const at = (number: number): Value =>
    unknown.find((field) => field.number === number)?.value ?? new Uint8Array();
  const [apiVersion, kind] = [1, 2].map((number) => {
    const field = readFields(bytesOf(at(1))).find((one) => one.number === number);
    return field === undefined ? '' : textOf(field.value);
  });
  const object = decodeMessage(messageName(apiVersion ?? '', kind ?? ''), bytesOf(at(2)));
  return { apiVersion, kind, ...object };
}
