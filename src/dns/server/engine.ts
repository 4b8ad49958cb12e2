import { messageOf } from '../../fault/index.ts';
import {
  decodeMessage,
  encodeMessage,
  rcodes,
  type Message,
  type Question,
} from '../../dnswire/index.ts';
import {
  emptyReply,
  type NameReply,
  type NameVerdict,
  type NameWorld,
  type ServerBlock,
} from '../../names/index.ts';
import type { DnsMetrics } from '../metrics/dns-metrics.ts';
import type { LoopGuard } from '../upstream/loop-guard.ts';
import type { Active } from './active.ts';
import { AnswerMemo, isRepeatable } from './answer-memo.ts';
import { RequestTally } from '../metrics/request-tally.ts';
import { isLogged, logLine } from './log-line.ts';
import type { Peer } from './peer.ts';
import { errorResponse, hasTurns, limitOf, objectionTo, responseTo, rotate } from './respond.ts';
import { Resolver, type Resolution } from './resolver.ts';
import { takeTurn, turnsIn } from './turns.ts';

export interface EngineOptions {
  readonly active: Active;
  readonly world: () => NameWorld;
  readonly metrics: DnsMetrics;
  readonly guard: LoopGuard;
  readonly log: (text: string) => void;
  /** For the lines of the `log` directive. */
  readonly queryLog: (text: string) => void;
}

/**
 * Bytes to send back, at once or later; nothing for what deserves no answer. What is there at once is to be sent, or copied,
 * before the next message is handled.
 */
export type Response = Buffer | undefined | Promise<Buffer | undefined>;

/** One query on its way. */
interface Serving {
  readonly query: Message;
  /** As it came in. */
  readonly bytes: Buffer;
  readonly peer: Peer;
  readonly block: ServerBlock | undefined;
  readonly startedAt: number;
}

/** Answers messages, wherever they came in. Bytes in, bytes out; what is known locally is answered in the same turn. */
export class DnsEngine {
  private options: EngineOptions;
  private resolver: Resolver;
  private tally: RequestTally;
  private readonly memo = new AnswerMemo();
  private turn = 0;

  constructor(options: EngineOptions) {
    this.options = options;
    this.resolver = new Resolver(options.active, options.metrics);
    this.tally = new RequestTally(options.metrics);
  }

  get active(): Active {
    return this.options.active;
  }

  /** Puts another configuration to work; queries under way end under the old one. */
  use(active: Active): void {
    const old = this.options.active;
    this.options = { ...this.options, active };
    this.resolver = new Resolver(active, this.options.metrics);
    this.tally = new RequestTally(this.options.metrics);
    this.memo.forget();
    old.close();
  }

  /** Never throws. Responses get no response: two servers would keep each other busy for ever. */
  handle(bytes: Buffer, peer: Peer): Response {
    const startedAt = performance.now();
    const known = this.memo.find(this.options.world(), peer, bytes);
    if (known !== undefined) {
      const { bytes: response, turns, tally } = known;
      response[0] = bytes[0] ?? 0;
      response[1] = bytes[1] ?? 0;
      if (turns !== undefined) takeTurn(response, turns);
      const seconds = (performance.now() - startedAt) / 1000;
      tally.add(bytes.length, response.length, seconds);
      return response;
    }
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) {
      const { header } = decoded;
      if (header === undefined || header.isResponse) return undefined;
      return encodeMessage(errorResponse(header));
    }
    const { message: query } = decoded;
    if (query.isResponse) return undefined;
    try {
      return this.serve({ query, bytes, peer, startedAt });
    } catch (error) {
      return this.panic(query, error);
    }
  }

  private serve(parts: Omit<Serving, 'block'>): Response {
    const { query, peer } = parts;
    const objection = objectionTo(query);
    const [question] = query.questions;
    if (objection !== undefined || question === undefined) {
      return encodeMessage(responseTo(query, emptyReply(objection ?? rcodes.FORMERR), false));
    }
    const { active, guard } = this.options;
    const block = active.judge.blockOf(question.name);
    const serving = { ...parts, block };
    this.tally.request(peer, { type: question.type, bytes: parts.bytes.length }, block);
    if (guard.sees(question))
      return this.finish(serving, { reply: emptyReply(rcodes.REFUSED) }, 'loop');
    const verdict = this.judge(question, peer);
    const plugin = verdict.steps.at(-1)?.responder ?? '';
    if (verdict.action === 'answer') {
      const failure = verdict.steps.at(-1)?.reason;
      const response = this.finish(serving, { reply: verdict.reply, failure }, plugin);
      this.remember(serving, verdict.reply, { bytes: response, plugin });
      return response;
    }
    return block === undefined ? undefined : this.forward({ ...serving, block }, verdict, plugin);
  }

  /** Keeps an answer for as long as the cluster is what it is. */
  private remember(
    { query: { questions }, bytes: asked, peer, block }: Serving,
    reply: NameReply,
    { bytes, plugin }: { readonly bytes: Buffer; readonly plugin: string },
  ): void {
    const [question] = questions;
    if (question === undefined || !isRepeatable(question, reply, block)) return;
    const takesTurns = block?.isBalanced === true && hasTurns(reply.answers);
    const turns = takesTurns ? turnsIn(bytes) : undefined;
    if (takesTurns && turns === undefined) return;
    const tally = this.tally.repetition(peer, block, {
      type: question.type,
      rcode: reply.rcode,
      plugin,
    });
    this.memo.keep(this.options.world(), peer, { query: asked, answer: { bytes, turns, tally } });
  }

  private judge({ name, type, class: questionClass }: Question, { address }: Peer): NameVerdict {
    const { active, world } = this.options;
    return active.judge.judge({ name, type, class: questionClass, source: address }, world());
  }

  private async forward(
    serving: Serving & { readonly block: ServerBlock },
    verdict: Extract<NameVerdict, { action: 'forward' }>,
    plugin: string,
  ): Promise<Buffer | undefined> {
    const { query, peer, block } = serving;
    const wants = {
      isDnssecOk: query.edns?.isDnssecOk ?? false,
      isCheckingDisabled: query.isCheckingDisabled,
      protocol: peer.protocol,
    };
    try {
      return this.finish(serving, await this.resolver.resolve(verdict, wants, block), plugin);
    } catch (error) {
      return this.panic(query, error);
    }
  }

  /** The response, counted and logged. */
  private finish(serving: Serving, { reply, failure }: Resolution, plugin: string): Buffer {
    const { query, peer, block, startedAt } = serving;
    this.turn += 1;
    const answers = block?.isBalanced === true ? rotate(reply.answers, this.turn) : reply.answers;
    const isRecursive = (block?.forwards.length ?? 0) > 0;
    const response = responseTo(
      query,
      answers === reply.answers ? reply : { ...reply, answers },
      isRecursive,
    );
    const bytes = encodeMessage(response, limitOf(query, peer));
    const seconds = (performance.now() - startedAt) / 1000;
    const { active, queryLog } = this.options;
    const outcome = { rcode: response.rcode, plugin, bytes: bytes.length, seconds };
    this.tally.response(peer, outcome, block);
    if (block?.log !== undefined) {
      const served = {
        query,
        response,
        peer,
        requestBytes: serving.bytes.length,
        responseBytes: bytes.length,
        seconds,
      };
      if (isLogged(block.log, served)) queryLog(logLine(block.log, served));
    }
    const { rcode } = response;
    if (block?.errors !== undefined && rcode === rcodes.SERVFAIL) {
      const [question] = query.questions;
      active.errorLog(block)?.tell({ question, rcode, reason: failure ?? `from ${plugin}` });
    }
    return bytes;
  }

  /** A bug, or an object with a name that cannot be one: the client hears of a failure, the log of the reason. */
  private panic(query: Message, error: unknown): Buffer {
    const { active, metrics, log } = this.options;
    metrics.panics.add([]);
    const name = query.questions[0]?.name ?? '';
    const hasStack = active.judge.blockOf(name)?.errors?.hasStack === true;
    const what = hasStack && error instanceof Error ? error.stack : undefined;
    log(`[ERROR] dns: ${name}: ${what ?? messageOf(error)}`);
    return encodeMessage(responseTo(query, emptyReply(rcodes.SERVFAIL), false));
  }
}
