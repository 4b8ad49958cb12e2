import { Numbers } from './numbers.ts';
import {
  queryText,
  type BlockQuery,
  type NodeQuery,
  type PodQuery,
  type Query,
  type Term,
} from './term.ts';

/** The terms of all policies, each once. Additions and removals wait until somebody takes them, and may cancel out. */
export class TermTable {
  private readonly numbers = new Numbers(1);
  private readonly byText = new Map<string, Term>();
  private fresh = new Set<Term>();
  private idle = new Set<Term>();
  /** By namespace, of those that are about one. */
  private readonly ofNamespace = new Map<string, Set<Term<PodQuery>>>();
  private readonly ofAllNamespaces = new Set<Term<PodQuery>>();

  readonly blocks = new Set<Term<BlockQuery>>();
  readonly nodes = new Set<Term<NodeQuery>>();

  retain(query: Query): Term {
    const text = queryText(query);
    const term = this.byText.get(text) ?? this.add(query, text);
    term.uses += 1;
    return term;
  }

  release(term: Term): void {
    term.uses -= 1;
    if (term.uses === 0) this.idle.add(term);
  }

  /** The terms that pods of a namespace have to be asked. */
  *askedOf(namespace: string): Generator<Term<PodQuery>> {
    yield* this.ofNamespace.get(namespace) ?? [];
    yield* this.ofAllNamespaces;
  }

  /** The terms that are new since the last call, and those that are no longer used, which are forgotten. */
  takeChanges(): { readonly added: readonly Term[]; readonly removed: readonly Term[] } {
    const idle = [...this.idle].filter(({ uses }) => uses === 0);
    for (const term of idle) this.forget(term);
    const added = [...this.fresh].filter(({ uses }) => uses > 0);
    const removed = idle.filter((term) => !this.fresh.has(term));
    this.fresh = new Set();
    this.idle = new Set();
    return { added, removed };
  }

  private add(query: Query, text: string): Term {
    const term: Term = {
      id: this.numbers.take(),
      query,
      text,
      uses: 0,
      subjectOf: new Set(),
      peerOf: new Set(),
      classes: new Set(),
    };
    this.byText.set(text, term);
    this.fresh.add(term);
    this.fileOf(term)?.add(term);
    return term;
  }

  private forget(term: Term): void {
    this.byText.delete(term.text);
    this.fileOf(term)?.delete(term);
    this.numbers.giveBack(term.id);
    const { query } = term;
    if (query.kind !== 'pods' || typeof query.namespace !== 'string') return;
    if (this.ofNamespace.get(query.namespace)?.size === 0) this.ofNamespace.delete(query.namespace);
  }

  /** The set the term is kept in, by whom it has to be asked of. */
  private fileOf({ query }: Term): Set<Term> {
    if (query.kind === 'block') return this.blocks;
    if (query.kind === 'nodes') return this.nodes;
    if (typeof query.namespace !== 'string') return this.ofAllNamespaces;
    const known = this.ofNamespace.get(query.namespace) ?? new Set();
    this.ofNamespace.set(query.namespace, known);
    return known;
  }
}
