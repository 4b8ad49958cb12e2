import { MAX_MESSAGE, recordTypes } from './constants.ts';
import { packFlags, TRUNCATED_BYTE } from './flags.ts';
import { canonicalName } from './name.ts';
import type { Edns, Message, ResourceRecord } from './message.ts';
import { codecOfData } from './rdata/codecs.ts';
import { WireWriter } from './wire-writer.ts';

/** One for all messages: encoding is synchronous, and what leaves here is a copy. */
const writer = new WireWriter(Buffer.alloc(MAX_MESSAGE));

const HEADER_LENGTH = 12;
/** Root name, type, class, TTL and data length. */
const OPT_LENGTH = 11;

function writeRecord({ name, type, class: recordClass, ttl, data }: ResourceRecord): void {
  writer.name(name);
  writer.u16(type);
  writer.u16(recordClass);
  writer.u32(ttl);
  const at = writer.offset;
  writer.u16(0);
  codecOfData(data).write(writer, data, type);
  if (!writer.isFull) writer.bytes.writeUInt16BE(writer.offset - at - 2, at);
}

/** Writes as many records as fit, whole ones; returns how many. */
function writeRecords(records: readonly ResourceRecord[]): number {
  for (let index = 0; index < records.length; index += 1) {
    const start = writer.offset;
    const record = records[index];
    if (record !== undefined) writeRecord(record);
    if (writer.isFull) {
      writer.rewind(start);
      return index;
    }
  }
  return records.length;
}

/** Writes as many whole RRsets as fit: of additionals a part would pass for all there is, as no TC tells (RFC 2181 section 9). */
function writeRecordSets(records: readonly ResourceRecord[]): number {
  const start = writer.offset;
  let count = writeRecords(records);
  const missing = records[count];
  if (missing === undefined) return count;
  const isOfSet = ({ name, type }: ResourceRecord): boolean =>
    type === missing.type && canonicalName(name) === canonicalName(missing.name);
  while (count > 0 && records.slice(count - 1, count).some(isOfSet)) count -= 1;
  writer.rewind(start);
  return writeRecords(records.slice(0, count));
}

function ednsLength({ options }: Edns): number {
  return options.reduce((sum, { data }) => sum + 4 + data.length, OPT_LENGTH);
}

function writeEdns({ udpSize, version, isDnssecOk, options }: Edns, rcode: number): void {
  writer.u8(0);
  writer.u16(recordTypes.OPT);
  writer.u16(udpSize);
  writer.u32((((rcode >>> 4) << 24) | (version << 16) | (isDnssecOk ? 0x8000 : 0)) >>> 0);
  writer.counted(() => {
    for (const { code, data } of options) {
      writer.u16(code);
      writer.u16(data.length);
      writer.copy(data);
    }
  });
}

function writeQuestions(message: Message): number {
  for (const { name, type, class: questionClass } of message.questions) {
    writer.name(name);
    writer.u16(type);
    writer.u16(questionClass);
  }
  return message.questions.length;
}

/**
 * Writes a message of at most `limit` bytes. What does not fit is left out, whole records from the end: a missing answer
 * or authority sets TC (RFC 2181 section 9), missing additionals do not and go by whole RRsets. OPT is always there.
 * @throws Fault `INVALID_DNS_NAME`, `INVALID_ADDRESS`: only names and addresses that no decoder gave out.
 */
export function encodeMessage(message: Message, limit: number = MAX_MESSAGE): Buffer {
  const { edns } = message;
  const reserved = edns === undefined ? 0 : ednsLength(edns);
  writer.reset(limit - reserved);
  writer.u16(message.id);
  writer.u16(packFlags(message));
  writer.offset = HEADER_LENGTH;
  const questions = writeQuestions(message);
  const answers = writeRecords(message.answers);
  const isCut = answers < message.answers.length;
  const authorities = isCut ? 0 : writeRecords(message.authorities);
  const isShort = isCut || authorities < message.authorities.length;
  const additionals = isShort ? 0 : writeRecordSets(message.additionals);
  writer.limit += reserved;
  if (edns !== undefined) writeEdns(edns, message.rcode);
  const { bytes } = writer;
  if (isShort) bytes[2] = (bytes[2] ?? 0) | TRUNCATED_BYTE;
  const counts = [questions, answers, authorities, additionals + (edns === undefined ? 0 : 1)];
  for (let index = 0; index < 4; index += 1) bytes.writeUInt16BE(counts[index] ?? 0, 4 + index * 2);
  return Buffer.from(bytes.subarray(0, writer.offset));
}
