import { rcodes, recordTypes, type Question } from '../../dnswire/index.ts';
import type { NameReply, NameWorld, ServerBlock } from '../../names/index.ts';
import type { RepeatTally } from '../metrics/request-tally.ts';
import type { Peer } from './peer.ts';
import type { Turns } from './turns.ts';

/** A whole response, and what it counts for. */
export interface KnownAnswer {
  /** Its identifier is that of whoever asked last. */
  readonly bytes: Buffer;
  /** Of its addresses, where there are any to take. */
  readonly turns: Turns | undefined;
  readonly tally: RepeatTally;
}

interface Kept {
  /** As it came in. */
  readonly query: Buffer;
  readonly answer: KnownAnswer;
}

/** Answers that are kept; before one more all are forgotten. Bounds what a client of random names can make it hold. */
const MAX_ANSWERS = 16_384;
/** Bytes; what is longer is not worth its memory. */
const MAX_QUERY = 255;
const MAX_ANSWER = 512;

/**
 * Whether the same question has the same answer until something changes: lines of the query log are written one by one, and
 * failures pass.
 */
export function isRepeatable(
  { type }: Question,
  { rcode }: NameReply,
  block: ServerBlock | undefined,
): boolean {
  if (block === undefined || block.log !== undefined) return false;
  if (rcode !== rcodes.NOERROR && rcode !== rcodes.NXDOMAIN) return false;
  // HINFO: the loop guard looks at every one.
  return type !== recordTypes.HINFO;
}

/**
 * Spares judging the same question twice of the same state. Not a cache: it holds for one {@link NameWorld}, which is another
 * object after any change of the cluster, and is empty for the next one. Over UDP only, where queries come in numbers.
 */
export class AnswerMemo {
  private world: NameWorld | undefined;
  /** By the client's address - a pod's search path is its own - and then by the query's bytes after the identifier. */
  private readonly clients = new Map<string, Map<string, KnownAnswer>>();
  private size = 0;

  /** The answer that these bytes had in this world. */
  find(world: NameWorld, { address, protocol }: Peer, query: Buffer): KnownAnswer | undefined {
    if (world !== this.world || protocol !== 'udp' || query.length > MAX_QUERY) return undefined;
    return this.clients.get(address)?.get(query.toString('latin1', 2));
  }

  /** Keeps an answer, whose bytes are the memo's from now on. */
  keep(world: NameWorld, { address, protocol }: Peer, { query, answer }: Kept): void {
    if (protocol !== 'udp' || query.length > MAX_QUERY) return;
    if (answer.bytes.length > MAX_ANSWER) return;
    if (world !== this.world || this.size >= MAX_ANSWERS) this.forget();
    this.world = world;
    let answers = this.clients.get(address);
    if (answers === undefined) {
      answers = new Map();
      this.clients.set(address, answers);
    }
    answers.set(query.toString('latin1', 2), answer);
    this.size += 1;
  }

  forget(): void {
    this.world = undefined;
    this.clients.clear();
    this.size = 0;
  }
}
