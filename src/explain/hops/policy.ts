import type { DirectionVerdict, NearMiss, PolicyRef, RuleRef } from '../../policy/index.ts';
import type { Detail, FieldPath, ObjectId } from '../contract.ts';
import type { Station } from '../places/station.ts';
import { idText } from '../scene.ts';
import type { Remedy, Teller, Told } from './telling.ts';

export function refId({ kind, namespace, name }: PolicyRef): ObjectId {
  return namespace === undefined ? { kind, name } : { kind, namespace, name };
}

type Direction = DirectionVerdict['direction'];

const peersField = { ingress: 'from', egress: 'to' } as const;

/** Where a rule is written; what it names none of is everything. */
export function rulePath(
  direction: Direction,
  { rule, peer }: Pick<RuleRef, 'rule' | 'peer'>,
): FieldPath {
  if (rule < 0) return ['spec', direction];
  const path = ['spec', direction, rule];
  return peer < 0 ? path : [...path, peersField[direction], peer];
}

function ruleText(direction: Direction, { rule, peer, port }: RuleRef): string {
  const peers = peer < 0 ? '' : `.${peersField[direction]}[${peer}]`;
  const ports = port < 0 ? '' : `, ports[${port}]`;
  return rule < 0 ? `spec.${direction}` : `spec.${direction}[${rule}]${peers}${ports}`;
}

function names(refs: readonly PolicyRef[]): string {
  const texts = refs.map((ref) => idText(refId(ref)));
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

function missDetail(
  teller: Teller,
  direction: Direction,
  { policy, rule, detail }: NearMiss,
): Detail {
  const path = rule < 0 ? (['spec'] as FieldPath) : ['spec', direction, rule];
  const isPlaced = rule < 0 || detail.startsWith(direction);
  const text = isPlaced ? detail : `${direction}[${rule}]: ${detail}`;
  return teller.detail(`${idText(refId(policy))}: ${text}`, refId(policy), path);
}

/** What is judged of one direction: whose policies, and what to change when they do not admit. */
export interface DirectionCase {
  readonly verdict: DirectionVerdict;
  readonly subject: Station;
  readonly remedy?: Remedy;
}

function decided(teller: Teller, { verdict, subject }: DirectionCase, rule: RuleRef): Told {
  const { direction, reason, admits } = verdict;
  const object = refId(rule.policy);
  const does = admits ? 'admits it' : 'denies it';
  return teller.tell(
    [direction, admits ? 'passes' : 'stops', reason],
    `${idText(object)} ${does} as ${direction} of ${subject.name}: ${ruleText(direction, rule)}`,
    { object, path: rulePath(direction, rule), rule },
  );
}

function sentenceOf({ verdict, subject }: DirectionCase): string {
  const { direction, reason, selecting } = verdict;
  const who = subject.name;
  switch (reason) {
    case 'NOT_A_POD':
      return `policies have no say in ${direction} of ${who}: it is no pod with a network of its own`;
    case 'OWN_ADDRESS':
      return `${who} reaches itself, which no policy can keep it from`;
    case 'OWN_NODE':
      return `between ${who} and its own node policies have no say`;
    case 'NO_POLICY_SELECTS':
      return `no policy selects ${who} for ${direction}`;
    case 'NO_RULE_DECIDES':
      return `no rule of ${names(selecting)} decides on ${direction} of ${who}`;
    case 'UNKNOWN_POD':
      return `${names(selecting)} ${verbFor(selecting)} ${who} for ${direction}, and no pod is known to have the other address`;
    default:
      return `${names(selecting)} ${verbFor(selecting)} ${who} for ${direction}, and no rule admits the connection`;
  }
}

function verbFor(refs: readonly PolicyRef[]): string {
  return refs.length === 1 ? 'selects' : 'select';
}

/** What policies say of one direction; where the network does not enforce it, nothing stops. */
export function tellDirection(teller: Teller, subject: DirectionCase): Told {
  const told = tellVerdict(teller, subject);
  const { unenforcedBy } = teller.scene;
  if (unenforcedBy === undefined || subject.verdict.selecting.length === 0) return told;
  const sentence = `policies are accepted, not enforced (${unenforcedBy}); they say: ${told.hop.sentence}`;
  return { hop: { ...told.hop, outcome: 'passes', reason: 'NOT_ENFORCED', sentence } };
}

function tellVerdict(teller: Teller, subject: DirectionCase): Told {
  const { verdict, remedy } = subject;
  const { direction, admits, reason, decidedBy, misses, selecting } = verdict;
  if (decidedBy !== undefined) {
    const told = decided(teller, subject, decidedBy);
    return remedy === undefined || admits ? told : { ...told, remedy };
  }
  const [first] = selecting;
  return teller.tell([direction, admits ? 'passes' : 'stops', reason], sentenceOf(subject), {
    ...(first === undefined || admits
      ? {}
      : { object: refId(first), path: ['spec', 'podSelector'] }),
    details: misses.map((miss) => missDetail(teller, direction, miss)),
    ...(admits || remedy === undefined ? {} : { remedy }),
  });
}
