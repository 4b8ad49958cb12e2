import { controllerOf, type Pod } from '../../kube/index.ts';
import type { Candidate } from './candidate.ts';
import { filters, matchesTerm } from './filters.ts';

/** Where a pod goes, or why nowhere. */
export type Choice =
  | { readonly node: string }
  | { readonly node: undefined; readonly message: string };

/** The first refusal of each node, counted: `0/3 nodes are available: 3 node(s) were unschedulable.` */
function explain(refusals: readonly (readonly string[])[], total: number): string {
  const counts = new Map<string, number>();
  for (const reason of refusals.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  if (total === 0) return 'no nodes available to schedule pods';
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${total} nodes are available: ${reasons.join(', ')}.`;
}

function preference(pod: Pod, { node }: Candidate): number {
  const terms =
    pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms
    .filter((term) => matchesTerm(node, term.preference))
    .reduce((total, { weight }) => total + weight, 0);
}

function siblings(pod: Pod, { pods }: Candidate): number {
  const owner = controllerOf(pod)?.uid;
  return owner === undefined
    ? 0
    : pods.filter((other) => controllerOf(other)?.uid === owner).length;
}

/** Lower is better, compared from left to right: preferred affinity, pods of the same owner, pods at all. */
function rank(pod: Pod, candidate: Candidate): readonly number[] {
  return [-preference(pod, candidate), siblings(pod, candidate), candidate.pods.length];
}

function compare(one: readonly number[], two: readonly number[]): number {
  for (const [position, value] of one.entries()) {
    const difference = value - (two[position] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Chooses a node for a pod; pure. Of equals the first wins: the caller gives a stable order. */
export function chooseNode(pod: Pod, candidates: readonly Candidate[]): Choice {
  const refusals: (readonly string[])[] = [];
  let best: { node: string; rank: readonly number[] } | undefined;
  for (const candidate of candidates) {
    const refusal = filters
      .map((filter) => filter(pod, candidate, candidates))
      .find((reasons) => reasons.length > 0);
    if (refusal !== undefined) {
      refusals.push(refusal);
      continue;
    }
    const here = rank(pod, candidate);
    if (best === undefined || compare(here, best.rank) < 0) {
      best = { node: candidate.node.metadata.name, rank: here };
    }
  }
  return best === undefined
    ? { node: undefined, message: explain(refusals, candidates.length) }
    : { node: best.node };
}
