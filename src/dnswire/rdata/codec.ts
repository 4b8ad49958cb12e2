import type { RecordData } from '../message.ts';
import type { WireReader } from '../wire-reader.ts';
import type { WireWriter } from '../wire-writer.ts';

/** How the data of one kind of record is written and read. */
export interface RdataCodec<K extends RecordData['kind']> {
  readonly kind: K;
  /** Record types with this data. */
  readonly types: readonly number[];
  /** Reads up to the reader's `end`; what is left over or missing is an error the caller finds. */
  read(reader: WireReader, type: number): Extract<RecordData, { kind: K }>;
  write(writer: WireWriter, data: Extract<RecordData, { kind: K }>, type: number): void;
  /** As master files and dig print it. */
  text(data: Extract<RecordData, { kind: K }>): string;
}
