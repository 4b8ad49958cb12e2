import { className, typeName } from './constants.ts';
import type { Question, RecordData, ResourceRecord } from './message.ts';
import { codecOfData } from './rdata/codecs.ts';

/** The data of a record as master files write it. */
export function dataText(data: RecordData): string {
  return codecOfData(data).text(data);
}

/** `web.default.svc.cluster.local. 30 IN A 10.96.1.2` */
export function recordText(record: ResourceRecord): string {
  const { name, ttl, type, data } = record;
  return `${name} ${ttl} ${className(record.class)} ${typeName(type)} ${dataText(data)}`;
}

/** `A IN web.default.svc.cluster.local.`, as CoreDNS's log has it. */
export function questionText(question: Question): string {
  return `${typeName(question.type)} ${className(question.class)} ${question.name}`;
}
