import { recordTypes } from './constants.ts';
import { unpackHeader } from './flags.ts';
import type { Edns, EdnsOption, Header, Message, Question, ResourceRecord } from './message.ts';
import { codecOfType } from './rdata/codecs.ts';
import { WireReader, type FormReason } from './wire-reader.ts';

/** A message, or what is wrong with it; the header when at least that could be read, for a FORMERR. */
export type Decoded =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly reason: FormReason; readonly header: Header | undefined };

const HEADER_LENGTH = 12;
/** The fewest bytes of a question (root, type, class) and of a record (and TTL, data length). */
const MIN_QUESTION = 5;
const MIN_RECORD = 11;

interface Counts {
  readonly questions: number;
  readonly answers: number;
  readonly authorities: number;
  readonly additionals: number;
}

function readCounts(reader: WireReader): Counts {
  return {
    questions: reader.u16(),
    answers: reader.u16(),
    authorities: reader.u16(),
    additionals: reader.u16(),
  };
}

/** Whether so many entries can be in so many bytes: nothing is allocated for a header that lies. */
function canHold(bytes: number, { questions, answers, authorities, additionals }: Counts): boolean {
  const records = answers + authorities + additionals;
  return questions * MIN_QUESTION + records * MIN_RECORD <= bytes - HEADER_LENGTH;
}

function readQuestions(reader: WireReader, count: number): Question[] {
  const questions: Question[] = [];
  for (let index = 0; index < count && reader.failure === undefined; index += 1) {
    questions.push({ name: reader.name(), type: reader.u16(), class: reader.u16() });
  }
  return questions;
}

function readRecord(reader: WireReader): ResourceRecord {
  const name = reader.name();
  const type = reader.u16();
  const recordClass = reader.u16();
  const ttl = reader.u32();
  const length = reader.u16();
  const messageEnd = reader.end;
  const dataEnd = reader.offset + length;
  if (dataEnd > messageEnd) reader.fail('SHORT_MESSAGE');
  else reader.end = dataEnd;
  const data = codecOfType(type).read(reader, type);
  if (reader.offset !== reader.end) reader.fail('RDATA_LENGTH');
  reader.end = messageEnd;
  // A TTL with its top bit set counts as zero (RFC 2181 section 8); OPT has flags there.
  return {
    name,
    type,
    class: recordClass,
    ttl: ttl > 0x7fff_ffff && type !== recordTypes.OPT ? 0 : ttl,
    data,
  };
}

function readRecords(reader: WireReader, count: number): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (let index = 0; index < count && reader.failure === undefined; index += 1) {
    records.push(readRecord(reader));
  }
  return records;
}

function readOptions(bytes: Uint8Array, fail: (reason: FormReason) => void): EdnsOption[] {
  const reader = new WireReader(Buffer.from(bytes));
  const options: EdnsOption[] = [];
  while (reader.offset < reader.end && reader.failure === undefined) {
    options.push({ code: reader.u16(), data: reader.view(reader.u16()) });
  }
  if (reader.failure !== undefined) fail('RDATA_LENGTH');
  return options;
}

/** What an OPT pseudo-record means (RFC 6891 section 6.1.2); its TTL holds rcode bits, the version and flags. */
function readEdns(record: ResourceRecord, reader: WireReader): Edns {
  if (record.name !== '.') reader.fail('OPT_OWNER');
  const bytes = record.data.kind === 'raw' ? record.data.bytes : new Uint8Array();
  return {
    udpSize: record.class,
    version: (record.ttl >>> 16) & 0xff,
    isDnssecOk: (record.ttl & 0x8000) !== 0,
    options: readOptions(bytes, (reason) => reader.fail(reason)),
  };
}

const isOpt = ({ type }: ResourceRecord): boolean => type === recordTypes.OPT;

function readMessage(reader: WireReader, header: Header): Message {
  const counts = readCounts(reader);
  if (!canHold(reader.end, counts)) reader.fail('COUNTS_EXCEED_MESSAGE');
  const questions = readQuestions(reader, counts.questions);
  const answers = readRecords(reader, counts.answers);
  const authorities = readRecords(reader, counts.authorities);
  if (answers.some(isOpt) || authorities.some(isOpt)) reader.fail('OPT_SECTION');
  const additionals = readRecords(reader, counts.additionals);
  const message = { ...header, questions, answers, authorities, additionals };
  const opts = counts.additionals === 0 ? [] : additionals.filter(isOpt);
  const [opt] = opts;
  if (opt === undefined) return message;
  if (opts.length > 1) reader.fail('OPT_TWICE');
  return {
    ...message,
    additionals: additionals.filter((record) => !isOpt(record)),
    edns: readEdns(opt, reader),
    rcode: ((opt.ttl >>> 24) << 4) | header.rcode,
  };
}

/**
 * Reads a whole message (RFC 1035 section 4, RFC 6891). Never throws, whatever the bytes; takes time and memory in
 * proportion to their number. Bytes after the last record are ignored.
 */
export function decodeMessage(bytes: Buffer): Decoded {
  const reader = new WireReader(bytes);
  if (bytes.length < HEADER_LENGTH) return { ok: false, reason: 'SHORT_HEADER', header: undefined };
  const header = unpackHeader(reader.u16(), reader.u16());
  const message = readMessage(reader, header);
  if (reader.failure !== undefined) return { ok: false, reason: reader.failure, header };
  return { ok: true, message };
}
