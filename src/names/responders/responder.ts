import type { NameQuery, NameVerdict, NameWorld } from '../contract.ts';

/** A question on its way through the chain. */
export interface ChainQuery extends NameQuery {
  /** The name in lower case. */
  readonly key: string;
  /** Aliases followed so far. */
  readonly depth: number;
}

/** What a responder has besides the question. */
export interface Chain {
  readonly world: NameWorld;
  /** Hands the question, or another one, to the responders after this one. */
  readonly next: (query: ChainQuery) => NameVerdict;
  /** Asks the block that holds the name, from its first responder that looks names up: for the target of an alias. */
  readonly follow: (query: ChainQuery) => NameVerdict;
}

/** One link of the chain: answers, or hands on. Compiled from its settings once, asked many times; pure. */
export type Responder = (query: ChainQuery, chain: Chain) => NameVerdict;
