import type { RecordData } from '../message.ts';
import { addressCodec } from './address.ts';
import { authorityCodec } from './authority.ts';
import type { RdataCodec } from './codec.ts';
import { mailCodec } from './mail.ts';
import { nameCodec } from './name.ts';
import { rawCodec } from './raw.ts';
import { serviceCodec } from './service.ts';
import { textCodec } from './text.ts';

type AnyCodec = RdataCodec<RecordData['kind']>;

const codecs = [
  addressCodec,
  nameCodec,
  mailCodec,
  serviceCodec,
  textCodec,
  authorityCodec,
  rawCodec,
] as unknown as readonly AnyCodec[];

const byType = new Map(
  codecs.flatMap((codec) => codec.types.map((type) => [type, codec] as const)),
);
const byKind = new Map(codecs.map((codec) => [codec.kind, codec]));
const raw = rawCodec as unknown as AnyCodec;

/** The codec by which data of a type is read. */
export function codecOfType(type: number): AnyCodec {
  return byType.get(type) ?? raw;
}

/** The codec by which data is written and printed. */
export function codecOfData(data: RecordData): AnyCodec {
  return byKind.get(data.kind) ?? raw;
}
