import { recordTypes } from '../../dnswire/index.ts';

/** Where the addresses of an encoded answer are: records of one size, side by side, the last of their section. */
export interface Turns {
  readonly start: number;
  /** Bytes of one record. */
  readonly size: number;
  readonly count: number;
}

/** Where things are in a message and in its records (RFC 1035 sections 4.1.1 and 4.1.3). */
const FLAGS = 2;
const TRUNCATED = 0x02;
const ANSWER_COUNT = 6;
const HEADER_BYTES = 12;
const RECORD = { type: 2, length: 10, data: 12 } as const;
/** The top bits of a name that is nothing but a pointer to an earlier one (RFC 1035 section 4.1.4). */
const POINTER = 0xc0;

/** The end of the one question, whose name is written out. */
function answersAt(message: Buffer): number {
  let at = HEADER_BYTES;
  while (at < message.length && message[at] !== 0) at += (message[at] ?? 0) + 1;
  return at + 5;
}

function isAddressAt(message: Buffer, at: number): boolean {
  const type = message.readUInt16BE(at + RECORD.type);
  return type === recordTypes.A || type === recordTypes.AAAA;
}

/**
 * The addresses that may change places without any other byte of the answer changing: behind the aliases that lead to them,
 * all under pointers. Undefined when they are written in another way, or not all there.
 */
export function turnsIn(answer: Buffer): Turns | undefined {
  if (((answer[FLAGS] ?? 0) & TRUNCATED) !== 0) return undefined;
  let turns: Turns | undefined;
  let at = answersAt(answer);
  for (let left = answer.readUInt16BE(ANSWER_COUNT); left > 0; left -= 1) {
    if (((answer[at] ?? 0) & POINTER) !== POINTER) return undefined;
    const size = RECORD.data + answer.readUInt16BE(at + RECORD.length);
    if (isAddressAt(answer, at)) turns ??= { start: at, size, count: left };
    else if (turns !== undefined) return undefined;
    if (turns !== undefined && turns.size !== size) return undefined;
    at += size;
  }
  return turns;
}

/** Moves the first address behind the others. */
export function takeTurn(answer: Buffer, { start, size, count }: Turns): void {
  const first = Buffer.from(answer.subarray(start, start + size));
  const last = start + size * (count - 1);
  answer.copyWithin(start, start + size, last + size);
  answer.set(first, last);
}
