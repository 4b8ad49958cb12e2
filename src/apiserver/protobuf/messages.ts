import { readFileSync } from 'node:fs';

/** Message name to field number to `NAME TYPE`; the name of an embedded message is `...`. */
export type CompactMessages = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const messagesFile = new URL('gen/messages.json', import.meta.url);

export interface MessageField {
  /** As in JSON; undefined when the fields of the message stand in its parent. */
  readonly name: string | undefined;
  readonly container: 'none' | 'list' | 'map';
  /** A scalar type, or the name of a message. */
  readonly type: string;
}

export type Message = ReadonlyMap<number, MessageField>;

let compact: CompactMessages | undefined;
const messages = new Map<string, Message>();

function parseField(code: string): MessageField {
  const [name = '', ...rest] = code.split(' ');
  const type = rest.at(-1) ?? '';
  const [container] = rest.length > 1 ? rest : ['none'];
  return {
    name: name === '...' ? undefined : name,
    container: container === 'list' || container === 'map' ? container : 'none',
    type,
  };
}

/** Parsed on first use: only some clients send protobuf. */
export function messageNamed(name: string): Message | undefined {
  const known = messages.get(name);
  if (known !== undefined) return known;
  compact ??= JSON.parse(readFileSync(messagesFile, 'utf8')) as CompactMessages;
  const fields = compact[name];
  if (fields === undefined) return undefined;
  const message = new Map(
    Object.entries(fields).map(([number, code]) => [Number(number), parseField(code)]),
  );
  messages.set(name, message);
  return message;
}
