import { isWithin, rcodes, recordTypes } from '../../dnswire/index.ts';
import type { KubernetesSettings } from '../config.ts';
import type { NameStep, NameVerdict } from '../contract.ts';
import { prepend } from '../complete.ts';
import type { ClusterContext, ClusterQuestion, Finding } from '../kubernetes/lookup.ts';
import { missing, present } from '../kubernetes/lookup.ts';
import { findPodName } from '../kubernetes/pods.ts';
import { findPointer } from '../kubernetes/reverse.ts';
import { selectionOf } from '../kubernetes/selection.ts';
import { findServiceName } from '../kubernetes/services.ts';
import { findApex, findNameServer, findSchemaVersion, soaOf } from '../kubernetes/zone.ts';
import { after, answer, denialOf, emptyReply, isAsked, nameRecord, replyOf } from '../reply.ts';
import type { Chain, ChainQuery, Responder } from './responder.ts';

/** `svc.ZONE`, `pod.ZONE` and what is below them. */
function findObjectName(question: ClusterQuestion, context: ClusterContext): Finding {
  const { labels } = question;
  const isPod = labels.at(-1) === 'pod';
  if (labels.length === 1) return present([], 'EMPTY_NON_TERMINAL');
  if (isPod && context.selection.settings.pods === 'disabled') return missing('POD_NAMES_DISABLED');
  const namespace = labels.at(-2) ?? '';
  const refusal = context.selection.refusesNamespace(namespace, context.world);
  if (refusal !== undefined) return missing(refusal, `Namespace ${namespace}`);
  if (labels.length === 2) return present([], 'EMPTY_NON_TERMINAL', `Namespace ${namespace}`);
  return isPod ? findPodName(question, context) : findServiceName(question, context);
}

/** What there is under a name of the cluster's zone (record schema 1.1.0). */
function find(question: ClusterQuestion, context: ClusterContext): Finding {
  const { labels } = question;
  switch (labels.at(-1)) {
    case undefined:
      return findApex(question, context);
    case 'svc':
    case 'pod':
      return findObjectName(question, context);
    case 'dns':
      return findNameServer(question, context);
    case 'dns-version':
      return findSchemaVersion(question);
    default:
      return missing('NO_SUCH_NAME');
  }
}

function labelsBelow(key: string, zone: string): string[] {
  return key.length === zone.length ? [] : key.slice(0, key.length - zone.length - 1).split('.');
}

/** The name is an alias: its record, and what its target leads to. */
function followAlias(
  query: ChainQuery,
  alias: { readonly target: string; readonly ttl: number; readonly step: NameStep },
  chain: Chain,
): NameVerdict {
  const record = nameRecord(query.name, recordTypes.CNAME, alias);
  // ANY is answered by the alias itself, as CNAME is (RFC 1034 section 4.3.2, step 3a).
  if (isAsked(recordTypes.CNAME, query.type)) return answer(replyOf([record]), alias.step);
  const { target } = alias;
  const found = chain.follow({
    ...query,
    name: target,
    key: target.toLowerCase(),
    depth: query.depth + 1,
  });
  return after(alias.step, prepend(found, [record]));
}

/** Answers names of the cluster's zones and of its addresses from the snapshot. */
export function kubernetesResponder(settings: KubernetesSettings): Responder {
  const selection = selectionOf(settings);
  const mayFallThrough = (key: string): boolean =>
    settings.fallthrough.some((zone) => isWithin(key, zone));
  return (query, chain) => {
    const { key, name, type } = query;
    const zone = settings.zones.find((one) => isWithin(key, one));
    const served = zone ?? settings.reverseZones.find((one) => isWithin(key, one));
    if (served === undefined) return chain.next(query);
    const { world } = chain;
    const context = { world, selection };
    const finding =
      zone === undefined
        ? findPointer(query, context)
        : find({ name, type, zone, labels: labelsBelow(key, zone) }, context);
    const { reason, object } = finding;
    const step: NameStep = {
      responder: 'kubernetes',
      name,
      reason,
      ...(object === undefined ? {} : { object }),
    };
    if (!finding.exists) {
      if (mayFallThrough(key)) return after(step, chain.next(query));
      if (!world.isSynced) {
        return answer(emptyReply(rcodes.SERVFAIL), { ...step, reason: 'NOT_SYNCED' });
      }
    } else if (finding.alias !== undefined) {
      return followAlias(query, { target: finding.alias, ttl: settings.ttl, step }, chain);
    } else if (finding.answers.length > 0) {
      return answer(replyOf(finding.answers, finding.additionals), step);
    }
    // The zone in the case it was asked in.
    const soa = soaOf(name.slice(name.length - served.length), served, context);
    return answer(denialOf(finding.exists ? rcodes.NOERROR : rcodes.NXDOMAIN, soa), step);
  };
}
