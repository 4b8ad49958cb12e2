import { containsAddress } from '../ip/index.ts';
import type {
  Attempt,
  ConnectionVerdict,
  Direction,
  DirectionReason,
  DirectionVerdict,
  Party,
  PolicyWorld,
} from './contract.ts';
import { evaluateClusterPolicies } from './evaluators/cluster-network-policy.ts';
import { evaluateNetworkPolicies } from './evaluators/network-policy.ts';
import type { Answer, Evaluator, Question } from './evaluators/question.ts';
import { isPolicyPod, podId } from './policy-pods.ts';

interface Tier {
  readonly evaluate: Evaluator;
  readonly accepts: DirectionReason;
  readonly denies: DirectionReason;
}

/** Who is asked, in this order; the first decision is final, and whatever nobody decides is admitted. */
const tiers: readonly Tier[] = [
  {
    evaluate: evaluateClusterPolicies('Admin'),
    accepts: 'ADMIN_ACCEPTS',
    denies: 'ADMIN_DENIES',
  },
  { evaluate: evaluateNetworkPolicies, accepts: 'RULE_ADMITS', denies: 'NO_RULE_ADMITS' },
  {
    evaluate: evaluateClusterPolicies('Baseline'),
    accepts: 'BASELINE_ACCEPTS',
    denies: 'BASELINE_DENIES',
  },
];

/**
 * Whether a connection may begin, and why. Egress of the source and ingress of the destination are judged apart and
 * both have to admit (row 33). Replies are part of the connection and not asked about (row 31).
 */
export function judgeConnection(world: PolicyWorld, attempt: Attempt): ConnectionVerdict {
  const egress = judgeDirection(world, attempt, 'egress');
  const ingress = judgeDirection(world, attempt, 'ingress');
  return { admits: egress.admits && ingress.admits, egress, ingress };
}

function judgeDirection(
  world: PolicyWorld,
  attempt: Attempt,
  direction: Direction,
): DirectionVerdict {
  const [subject, peer] =
    direction === 'egress'
      ? [attempt.source, attempt.destination]
      : [attempt.destination, attempt.source];
  const reason = exemption(subject, peer);
  if (reason !== undefined || subject.pod === undefined) {
    return { direction, admits: true, reason: reason ?? 'NOT_A_POD', selecting: [], misses: [] };
  }
  const { protocol, port } = attempt;
  return ask({
    world,
    direction,
    subject: { ...subject, pod: subject.pod },
    peer: withoutHostPod(peer),
    protocol,
    port,
  });
}

/** What policies have no say in. */
function exemption(subject: Party, peer: Party): DirectionReason | undefined {
  const { pod } = subject;
  if (pod === undefined || !isPolicyPod(pod)) return 'NOT_A_POD';
  if (peer.pod !== undefined && podId(peer.pod) === podId(pod)) return 'OWN_ADDRESS';
  const node = subject.node ?? pod.spec.nodeName;
  const isNode = peer.pod === undefined || peer.pod.spec.hostNetwork === true;
  const peerNode = peer.node ?? peer.pod?.spec.nodeName;
  return isNode && node !== undefined && peerNode === node ? 'OWN_NODE' : undefined;
}

/** A pod in its node's network is an address of that node and nothing else (rows 27, 28). */
function withoutHostPod(peer: Party): Party {
  if (peer.pod === undefined || isPolicyPod(peer.pod)) return peer;
  const isHost = peer.pod.spec.hostNetwork === true;
  return {
    address: peer.address,
    node: isHost ? (peer.node ?? peer.pod.spec.nodeName) : undefined,
  };
}

function ask(question: Question): DirectionVerdict {
  const { direction } = question;
  const answers = tiers.map(({ evaluate }) => evaluate(question));
  const selecting = answers.flatMap((answer) => answer.selecting);
  const base = { direction, selecting };
  if (selecting.length === 0) {
    return { ...base, admits: true, reason: 'NO_POLICY_SELECTS', misses: [] };
  }
  if (isUnknownPod(question)) return { ...base, admits: false, reason: 'UNKNOWN_POD', misses: [] };
  return { ...base, ...conclusion(answers) };
}

/** What the first tier that decides says; every tier's misses up to it tell why nothing admitted before. */
function conclusion(
  answers: readonly Answer[],
): Pick<DirectionVerdict, 'admits' | 'reason' | 'decidedBy' | 'misses'> {
  const position = answers.findIndex(({ decision }) => decision !== 'next');
  const [tier, answer] = [tiers[position], answers[position]];
  if (tier === undefined || answer === undefined) {
    return { admits: true, reason: 'NO_RULE_DECIDES', misses: [] };
  }
  const decidedBy = answer.decidedBy && { decidedBy: answer.decidedBy };
  if (answer.decision === 'accept') {
    return { admits: true, reason: tier.accepts, ...decidedBy, misses: [] };
  }
  const misses = answers.slice(0, position + 1).flatMap((each) => each.misses);
  return { admits: false, reason: tier.denies, ...decidedBy, misses };
}

/** An address of the pods' that no pod is known to have: which policies select it cannot be known, so none admits it. */
function isUnknownPod({ world, peer: { pod, node, address } }: Question): boolean {
  return (
    pod === undefined &&
    node === undefined &&
    address !== undefined &&
    (world.podRanges ?? []).some((range) => containsAddress(range, address))
  );
}
