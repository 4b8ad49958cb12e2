import type { ChainContents } from '../../../nft/index.ts';
import { ANY_OUTSIDER, ANY_POD, EVERYTHING, type Direction } from '../../../policy/index.ts';
import type { PlanFamily } from '../../layout.ts';
import { destinationIn, goTo, sourceIn } from '../../matching.ts';
import { chainNames, policySets } from '../layout.ts';
import {
  admission,
  markIs,
  markNotIn,
  passes,
  peerFrom,
  portsIn,
  setMarkTo,
  setPriority,
  subjectFrom,
} from './matching.ts';
import { policyChain } from './policy-chain.ts';

/** Who is judged in a direction, and who is at the other end. */
const ends = {
  egress: { subject: 'source', peer: 'destination' },
  ingress: { subject: 'destination', peer: 'source' },
} as const;

/** The chains that judge one direction. A packet returns from them when it is admitted. */
export function directionChains(family: PlanFamily, direction: Direction): ChainContents[] {
  return [
    subjectChain(family, direction),
    peerPodChain(family, direction),
    portsChain(family, direction),
  ];
}

/**
 * `egress`; in `ingress` the addresses change places:
 *
 *     meta mark set 0x00000000
 *     meta mark set ip saddr map @classes
 *     meta mark 0x00000000 goto drop-egress
 *     meta mark != @egress-subjects return
 *     meta priority set ip daddr map @classes goto egress-pod
 *     ip daddr @pod-cidrs goto drop-egress
 *     meta priority set ip daddr map @blocks meta mark set meta mark . meta priority map @egress-admissions goto egress-ports
 *     meta priority set 0:2
 *     meta mark set meta mark . meta priority map @egress-admissions goto egress-ports
 *     goto drop-egress
 *
 * A pod that nobody announced is dropped, and so is what a selected pod exchanges with an address that only a pod can
 * have but none is known to: it never fails open. Class and port set go through mark and priority, because nft 1.0.6
 * aborts when it lists a lookup whose key is another lookup's answer.
 */
function subjectChain(family: PlanFamily, direction: Direction): ChainContents {
  const sets = policySets(family);
  const { subjects, admissions } = sets[direction];
  const { subject, peer } = ends[direction];
  const drop = goTo(chainNames.drop(direction));
  const peerIn = peer === 'source' ? sourceIn : destinationIn;
  const admit = admission(admissions, chainNames.ports(direction));
  return policyChain(family, direction, [
    setMarkTo(0),
    subjectFrom(family, subject, sets.classes),
    [...markIs(0), drop],
    [...markNotIn(subjects), passes],
    [...peerFrom(family, peer, sets.classes), goTo(chainNames.peerPod(direction))],
    [...peerIn(family, sets.podCIDRs), drop],
    [...peerFrom(family, peer, sets.blocks), ...admit],
    setPriority(ANY_OUTSIDER),
    admit,
    [drop],
  ]);
}

/**
 * `egress-pod`: what the subject has for this very class, else for any pod.
 *
 *     meta mark set meta mark . meta priority map @egress-admissions goto egress-ports
 *     meta priority set 0:1
 *     meta mark set meta mark . meta priority map @egress-admissions goto egress-ports
 *     goto drop-egress
 */
function peerPodChain(family: PlanFamily, direction: Direction): ChainContents {
  const { admissions } = policySets(family)[direction];
  const admit = admission(admissions, chainNames.ports(direction));
  return policyChain(family, chainNames.peerPod(direction), [
    admit,
    setPriority(ANY_POD),
    admit,
    [goTo(chainNames.drop(direction))],
  ]);
}

/**
 * `egress-ports`: whether the port set has the packet's protocol and port. Everything is admitted before any port is
 * looked for: not every protocol has one (row 41).
 *
 *     meta mark 0x00000002 return
 *     meta mark . meta l4proto . th dport @port-sets return
 *     goto drop-egress
 */
function portsChain(family: PlanFamily, direction: Direction): ChainContents {
  const { portSets } = policySets(family);
  return policyChain(family, chainNames.ports(direction), [
    [...markIs(EVERYTHING), passes],
    [...portsIn(portSets), passes],
    [goTo(chainNames.drop(direction))],
  ]);
}
