import { constants, gunzipSync } from 'node:zlib';
import { bytesOf, integerOf, readFields, textOf, type WireField } from '../wire.ts';

/** A field of a message, as a FileDescriptorProto has it. */
export interface DescribedField {
  readonly name: string;
  readonly number: number;
  readonly isRepeated: boolean;
  /** `FieldDescriptorProto.Type` */
  readonly type: number;
  /** `k8s.io.api.core.v1.Container`, for messages. */
  readonly typeName: string;
}

export interface DescribedMessage {
  /** `k8s.io.api.core.v1.Pod` */
  readonly name: string;
  readonly fields: readonly DescribedField[];
  /** Entry of a map: key 1, value 2. */
  readonly isMapEntry: boolean;
}

function all(fields: readonly WireField[], number: number): Uint8Array[] {
  return fields.filter((field) => field.number === number).map(({ value }) => bytesOf(value));
}

function text(fields: readonly WireField[], number: number): string {
  const field = fields.find((one) => one.number === number);
  return field === undefined ? '' : textOf(field.value);
}

function integer(fields: readonly WireField[], number: number): number {
  const field = fields.find((one) => one.number === number);
  return field === undefined ? 0 : integerOf(field.value);
}

const repeatedLabel = 3;

function describeField(bytes: Uint8Array): DescribedField {
  const fields = readFields(bytes);
  return {
    name: text(fields, 1),
    number: integer(fields, 3),
    isRepeated: integer(fields, 4) === repeatedLabel,
    type: integer(fields, 5),
    typeName: text(fields, 6).replace(/^\./, ''),
  };
}

function describeMessage(bytes: Uint8Array, scope: string): DescribedMessage[] {
  const fields = readFields(bytes);
  const name = `${scope}.${text(fields, 1)}`;
  const options = all(fields, 7).flatMap(readFields);
  const own: DescribedMessage = {
    name,
    fields: all(fields, 2).map(describeField),
    isMapEntry: integer(options, 7) === 1,
  };
  return [own, ...all(fields, 3).flatMap((nested) => describeMessage(nested, name))];
}

function describeFile(bytes: Uint8Array): DescribedMessage[] {
  const fields = readFields(bytes);
  const scope = text(fields, 2);
  return all(fields, 4).flatMap((message) => describeMessage(message, scope));
}

/** RFC 1952: every gzip member starts so; Go's generated code keeps its descriptors compressed. */
const gzipMagic = Buffer.from([0x1f, 0x8b, 0x08]);

function inflateAt(binary: Buffer, offset: number): Buffer | undefined {
  try {
    // What follows the member is not ours: an end that is missing or odd is fine.
    const member = binary.subarray(offset, offset + 512 * 1024);
    return gunzipSync(member, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

/** Finds the messages whose descriptors are in a Go program, such as kubectl. */
export function messagesIn(binary: Buffer): DescribedMessage[] {
  const messages: DescribedMessage[] = [];
  for (
    let offset = binary.indexOf(gzipMagic);
    offset !== -1;
    offset = binary.indexOf(gzipMagic, offset + 1)
  ) {
    const inflated = inflateAt(binary, offset);
    if (inflated?.subarray(0, 160).includes('generated.proto') === true) {
      messages.push(...describeFile(inflated));
    }
  }
  return messages;
}
