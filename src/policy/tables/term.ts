import { formatCidr, type Address } from '../../ip/index.ts';
import type { Selector, StringMap } from '../../kube/index.ts';
import { blockContains, type Block } from '../ip-blocks.ts';
import type { AddressClass } from './class-table.ts';
import type { CompiledPolicy } from './compiled-policy.ts';

/** Pods by their own labels, in one namespace or in those whose labels match. */
export interface PodQuery {
  readonly kind: 'pods';
  readonly namespace: string | Selector;
  readonly pods: Selector;
}

export interface BlockQuery {
  readonly kind: 'block';
  readonly block: Block;
}

/** The addresses of nodes by the nodes' labels. */
export interface NodeQuery {
  readonly kind: 'nodes';
  readonly nodes: Selector;
}

export type Query = PodQuery | BlockQuery | NodeQuery;

/** A question that policies ask about one end of a connection, however many of them ask it. */
export interface Term<Q extends Query = Query> {
  readonly id: number;
  readonly query: Q;
  readonly text: string;
  /** How many places of policies hold it. */
  uses: number;
  /** Policies whose subject it is. */
  readonly subjectOf: Set<CompiledPolicy>;
  /** Policies that have it among the peers of a rule. */
  readonly peerOf: Set<CompiledPolicy>;
  /** Classes whose members it matches. */
  readonly classes: Set<AddressClass>;
}

/** Canonical text: queries that always answer alike mostly have the same. */
export function queryText(query: Query): string {
  switch (query.kind) {
    case 'pods':
      return typeof query.namespace === 'string'
        ? `pods ${query.namespace} ${query.pods.toText()}`
        : `pods {${query.namespace.toText()}} ${query.pods.toText()}`;
    case 'block':
      return `block ${[query.block.cidr, ...query.block.except].map(formatCidr).join(' ')}`;
    default:
      return `nodes ${query.nodes.toText()}`;
  }
}

export function matchesPod(
  { namespace, pods }: PodQuery,
  name: string,
  labels: { readonly namespace: StringMap; readonly pod: StringMap | undefined },
): boolean {
  const isInNamespace =
    typeof namespace === 'string' ? namespace === name : namespace.matches(labels.namespace);
  return isInNamespace && pods.matches(labels.pod);
}

export function matchesAddress({ block }: BlockQuery, address: Address): boolean {
  return blockContains(block, address);
}

/** True for the query that every pod answers: it tells none of them apart. */
export function isEveryPod({ namespace, pods }: PodQuery): boolean {
  const isEveryNamespace = typeof namespace !== 'string' && isEverything(namespace);
  return isEveryNamespace && isEverything(pods);
}

function isEverything({ requirements, isNothing }: Selector): boolean {
  return requirements.length === 0 && !isNothing;
}
