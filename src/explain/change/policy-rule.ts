import type { Address } from '../../ip/index.ts';
import {
  compileSelector,
  type AnyObject,
  type NetworkPolicy,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
} from '../../kube/index.ts';
import type { DirectionVerdict, PolicyRef, RuleRef } from '../../policy/index.ts';
import type { Transport } from '../contract.ts';
import { refId } from '../hops/policy.ts';
import type { Remedy } from '../hops/telling.ts';
import { isOwnPod, type Station } from '../places/station.ts';
import { idText, type Scene } from '../scene.ts';
import { blockFor, namespaceSelectorFor, podSelectorFor } from './peers.ts';

/** What a rule would have to admit. */
export interface Wanted {
  readonly verdict: DirectionVerdict;
  /** The other end, as policies see it. */
  readonly peer: Station;
  readonly peerAddress: Address;
  /** The pod's, after translation; 0 without ports. */
  readonly port: number;
  readonly protocol: Transport;
}

function peerFor(
  scene: Scene,
  { peer, peerAddress }: Wanted,
  namespace: string,
): NetworkPolicyPeer {
  const { pod } = peer;
  if (pod === undefined || !isOwnPod(peer))
    return { ipBlock: { cidr: blockFor(peer, peerAddress) } };
  const podSelector = podSelectorFor(scene, pod);
  const where = pod.metadata.namespace ?? '';
  if (where === namespace) return { podSelector };
  return { namespaceSelector: namespaceSelectorFor(where), podSelector };
}

/** Names of ports are for the classic pair of DNS too: who asks over UDP may have to ask again over TCP. */
function portsFor({ protocol, port }: Wanted): NetworkPolicyPort[] {
  if (protocol === 'ICMP') return [];
  return port === 53
    ? [
        { protocol: 'UDP', port },
        { protocol: 'TCP', port },
      ]
    : [{ protocol, port }];
}

/** Of a policy whose podSelector is not understood no rule admits anything. */
function isTargetReadable({ snapshot }: Scene, { namespace, name }: PolicyRef): boolean {
  const { podSelector = {} } = snapshot.policies.get(`${namespace}/${name}`)?.spec ?? {};
  return !compileSelector(podSelector).isNothing;
}

/** The policy that comes nearest: one whose rule has the peer already, else one that has rules at all. */
function nearestPolicy(
  scene: Scene,
  { misses, selecting }: DirectionVerdict,
): PolicyRef | undefined {
  const policies = selecting.filter(
    (ref) => ref.kind === 'NetworkPolicy' && isTargetReadable(scene, ref),
  );
  const isOf = (ref: PolicyRef) => (miss: { readonly policy: PolicyRef }) =>
    miss.policy.name === ref.name && miss.policy.kind === ref.kind;
  const rank = (ref: PolicyRef): number => {
    const own = misses.filter(isOf(ref)).map(({ missed }) => missed);
    if (own.some((missed) => missed !== 'PEER' && missed !== 'NO_RULES')) return 0;
    return own.includes('PEER') ? 1 : 2;
  };
  return policies.toSorted((one, two) => rank(one) - rank(two))[0];
}

function addRule(scene: Scene, wanted: Wanted, ref: PolicyRef): Remedy {
  const { direction } = wanted.verdict;
  const peer = peerFor(scene, wanted, ref.namespace ?? '');
  const ports = portsFor(wanted);
  const rule = {
    [direction === 'ingress' ? 'from' : 'to']: [peer],
    ...(ports.length === 0 ? {} : { ports }),
  };
  const object = refId(ref);
  return {
    object,
    sentence: `add to ${idText(object)} a rule of ${direction} for ${wanted.peer.name}`,
    edit: (policy) => {
      const { spec } = policy as unknown as NetworkPolicy;
      spec[direction] = [...(spec[direction] ?? []), rule];
    },
  };
}

/** `undefined` where the API has no peer for it: ingress from an address. */
function clusterRule(scene: Scene, wanted: Wanted): Record<string, unknown> | undefined {
  const { peer, peerAddress, verdict, protocol, port } = wanted;
  const { pod } = peer;
  const field = verdict.direction === 'ingress' ? 'from' : 'to';
  const protocols =
    protocol === 'ICMP'
      ? {}
      : { protocols: [{ [protocol.toLowerCase()]: { destinationPort: { number: port } } }] };
  const common = { name: 'admit', action: 'Accept', ...protocols };
  if (pod !== undefined && isOwnPod(peer)) {
    const namespaceSelector = namespaceSelectorFor(pod.metadata.namespace ?? '');
    const pods = { namespaceSelector, podSelector: podSelectorFor(scene, pod) };
    return { ...common, [field]: [{ pods }] };
  }
  if (field === 'from') return undefined;
  return { ...common, to: [{ networks: [blockFor(peer, peerAddress)] }] };
}

/** The first rule that fits decides, so the new one stands before the one that decided. */
function insertRule(scene: Scene, wanted: Wanted, { policy, rule }: RuleRef): Remedy | undefined {
  const content = clusterRule(scene, wanted);
  if (content === undefined) return undefined;
  const { direction } = wanted.verdict;
  const object = refId(policy);
  return {
    object,
    sentence: `add to ${idText(object)}, before spec.${direction}[${rule}], a rule of ${direction} for ${wanted.peer.name}`,
    edit: (changed: AnyObject) => {
      const spec = changed['spec'] as Record<string, readonly unknown[] | undefined>;
      spec[direction] = (spec[direction] ?? []).toSpliced(rule, 0, content);
    },
  };
}

/** The smallest rule that admits the connection, in the policy that comes nearest to admitting it. */
export function ruleRemedy(scene: Scene, wanted: Wanted): Remedy | undefined {
  const { verdict } = wanted;
  const { reason, decidedBy } = verdict;
  if (reason === 'NO_RULE_ADMITS') {
    const ref = nearestPolicy(scene, verdict);
    return ref === undefined ? undefined : addRule(scene, wanted, ref);
  }
  const isDenied = reason === 'ADMIN_DENIES' || reason === 'BASELINE_DENIES';
  return isDenied && decidedBy !== undefined ? insertRule(scene, wanted, decidedBy) : undefined;
}
