import { isName, isWithin, rcodes, recordTypes } from '../../dnswire/index.ts';
import { keyOf, type Pod } from '../../kube/index.ts';
import { withSearchAlias } from '../complete.ts';
import type { AutopathSettings } from '../config.ts';
import type {
  KnownReply,
  NameReply,
  NameStep,
  NameVerdict,
  UpstreamQuestion,
} from '../contract.ts';
import { answer } from '../reply.ts';
import type { Chain, ChainQuery, Responder } from './responder.ts';

/** The search path in the resolv.conf of a pod; the empty suffix, the name itself, comes last. */
function searchPath(pod: Pod, zone: string, hostSearch: readonly string[]): string[] {
  const namespace = pod.metadata.namespace ?? 'default';
  const own = pod.spec.dnsConfig?.searches ?? [];
  const others = [...hostSearch, ...own].map((path) => path.toLowerCase().replace(/\.$/, ''));
  const suffixes = [`${namespace}.svc.${zone}`, `svc.${zone}`, zone];
  return [...new Set([...suffixes, ...others.map((path) => `${path}.`), ''])];
}

/** Whether the pod's resolv.conf has the cluster's search path at all. */
function usesClusterSearch({ spec }: Pod): boolean {
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  if (policy === 'ClusterFirstWithHostNet') return true;
  return policy === 'ClusterFirst' && spec.hostNetwork !== true;
}

/** Replies of the names on the search path so far. */
interface Walk {
  readonly attempts: (UpstreamQuestion | KnownReply)[];
  readonly steps: NameStep[];
}

function settledBy(verdict: NameVerdict): NameReply | undefined {
  if (verdict.action !== 'answer') return undefined;
  return verdict.reply.rcode === rcodes.NOERROR ? verdict.reply : undefined;
}

/** Takes a verdict on one name of the path into the walk. */
function take(walk: Walk, verdict: NameVerdict, searched: string): void {
  walk.steps.push(...verdict.steps);
  if (verdict.action === 'answer') {
    if (verdict.reply.rcode !== rcodes.NOERROR) return;
    walk.attempts.push({ kind: 'known', reply: withSearchAlias(verdict.reply, searched) });
    return;
  }
  for (const attempt of verdict.attempts) {
    walk.attempts.push(attempt.kind === 'ask' ? { ...attempt, searched } : attempt);
  }
}

/**
 * Walks the search path that the client would walk: the first name that is there answers, under an alias from the name
 * that was asked. When none is, the answer is the one to the name that was asked.
 */
function walkPath(
  query: ChainQuery,
  path: { readonly base: string; readonly suffixes: readonly string[]; readonly pod: Pod },
  chain: Chain,
): NameVerdict {
  const step: NameStep = {
    responder: 'autopath',
    name: query.name,
    reason: 'SEARCH_PATH',
    object: `Pod ${keyOf(path.pod)}`,
  };
  const first = chain.next(query);
  if (settledBy(first) !== undefined || first.action === 'forward') return first;
  const walk: Walk = { attempts: [], steps: [step, ...first.steps] };
  for (const suffix of path.suffixes.slice(1)) {
    const name = `${path.base}${suffix}`;
    if (!isName(name)) continue;
    const verdict = chain.next({ ...query, name, key: name.toLowerCase() });
    take(walk, verdict, query.name);
    const settled = settledBy(verdict);
    if (settled === undefined) continue;
    if (walk.attempts.length > 1) break;
    return { action: 'answer', reply: withSearchAlias(settled, query.name), steps: walk.steps };
  }
  if (walk.attempts.length === 0) {
    const last = first.steps.at(-1) ?? step;
    return { ...answer(first.reply, last), steps: [...walk.steps, last] };
  }
  return { action: 'forward', attempts: walk.attempts, otherwise: first.reply, steps: walk.steps };
}

/**
 * Completes names on the server (CoreDNS's autopath): a client with `ndots:5` asks for NAME.NAMESPACE.svc.ZONE first, and
 * gets with that one query what it would find after up to ten.
 */
export function autopathResponder(settings: AutopathSettings, zone: string): Responder {
  return (query, chain) => {
    const { key, source, type } = query;
    const isAddress = type === recordTypes.A || type === recordTypes.AAAA;
    if (!isAddress || source === undefined || query.depth > 0) return chain.next(query);
    if (!settings.zones.some((one) => isWithin(key, one))) return chain.next(query);
    const pod = chain.world.snapshot.podsByIP.get(source);
    if (pod === undefined || !usesClusterSearch(pod)) return chain.next(query);
    const ending = `.${pod.metadata.namespace ?? 'default'}.svc.${zone}`;
    if (!key.endsWith(ending)) return chain.next(query);
    const suffixes = searchPath(pod, zone, chain.world.hostSearch);
    const base = query.name.slice(0, key.length - ending.length + 1);
    return walkPath(query, { base, suffixes, pod }, chain);
  };
}
