export {
  className,
  MAX_MESSAGE,
  MIN_UDP_SIZE,
  opcodes,
  rcodeName,
  rcodes,
  recordClasses,
  recordTypes,
  typeByName,
  typeName,
} from './constants.ts';
export { decodeMessage, type Decoded } from './decode.ts';
export { encodeMessage } from './encode.ts';
export type {
  AddressData,
  AuthorityData,
  Edns,
  EdnsOption,
  Header,
  MailData,
  Message,
  NameData,
  Question,
  RawData,
  RecordData,
  ResourceRecord,
  ServiceData,
  TextData,
} from './message.ts';
export { absoluteName, canonicalName, isName, isWithin, labelsOf } from './name.ts';
export { dataText, questionText, recordText } from './record-text.ts';
export type { FormReason } from './wire-reader.ts';
