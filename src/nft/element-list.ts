import { HEADER_LENGTH, AttributeWriter, type NetlinkRequest } from '../netlink/index.ts';
import { writeElement, type Element } from './element.ts';
import { nftRequest, type RequestHead } from './message.ts';
import type { SetDefinition } from './set.ts';

const NFTA_SET_ELEM_LIST_TABLE = 1;
const NFTA_SET_ELEM_LIST_SET = 2;
export const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
const ATTRIBUTE_HEADER = 4;

/** An attribute's length is 16 bits: a list holds less than 64 KiB, with room for its own header. */
const LIST_LIMIT = 65_000;

/** A message about elements: which of them, and where each begins in it. */
export interface ElementMessage {
  readonly request: NetlinkRequest;
  readonly elements: readonly Element[];
  /** Bytes from the start of the netlink header, ascending: what an extended ack's offset is compared with. */
  readonly offsets: readonly number[];
}

/** Writes the head of a message that names a set. */
export function writeElementListName(into: AttributeWriter, set: SetDefinition): void {
  into.string(NFTA_SET_ELEM_LIST_TABLE, set.table).string(NFTA_SET_ELEM_LIST_SET, set.name);
}

/** Encodes elements into as few messages as attribute lengths allow, in order. */
export function elementMessages(
  head: RequestHead,
  set: SetDefinition,
  elements: readonly Element[],
): ElementMessage[] {
  const messages: ElementMessage[] = [];
  let chunk = new Chunk(set);
  for (const element of elements) {
    chunk.add(element);
    if (chunk.size < LIST_LIMIT - MAXIMUM_ELEMENT) continue;
    messages.push(chunk.message(head));
    chunk = new Chunk(set);
  }
  if (chunk.size > 0) messages.push(chunk.message(head));
  return messages;
}

/** The largest element: two keys and data of 64 bytes, a chain name and a comment, all with their headers. */
const MAXIMUM_ELEMENT = 1024;

class Chunk {
  private readonly set: SetDefinition;
  private readonly writer = new AttributeWriter(4096);
  private readonly elements: Element[] = [];
  private readonly starts: number[] = [];
  private nests = 0;

  constructor(set: SetDefinition) {
    this.set = set;
  }

  get size(): number {
    return this.writer.finish().length;
  }

  add(element: Element): void {
    this.elements.push(element);
    this.starts.push(this.size);
    // libnftnl numbers the nests of a list from 1; the kernel does not look.
    writeElement(element, this.set, (fill) => this.writer.nested((this.nests += 1), fill));
  }

  message(head: RequestHead): ElementMessage {
    let listStart = 0;
    const request = nftRequest(head, (into) => {
      writeElementListName(into, this.set);
      listStart = into.finish().length + ATTRIBUTE_HEADER;
      into.nested(NFTA_SET_ELEM_LIST_ELEMENTS, (list) => list.raw(this.writer.finish()));
    });
    const base = HEADER_LENGTH + listStart;
    return { request, elements: this.elements, offsets: this.starts.map((start) => base + start) };
  }
}
