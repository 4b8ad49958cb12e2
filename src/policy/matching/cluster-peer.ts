import type {
  ClusterPolicyEgressPeer,
  ClusterPolicySubject,
  LabelSelector,
} from '../../kube/index.ts';
import { containsAddress } from '../../ip/index.ts';
import type { Party, PolicyWorld } from '../contract.ts';
import { parseSloppyCidr } from '../ip-blocks.ts';
import { describeParty } from './describe.ts';
import { isReadable } from '../selectors.ts';
import { podMiss, type PodSelection } from './pod-selection.ts';
import { selectorMiss } from './selector-miss.ts';

/**
 * Whether every field of the peer is one that is understood here: else the rule fails closed. Networks that cannot be
 * read, and selectors with an operator that labels do not have, are not understood either.
 */
export function isKnownPeer(peer: ClusterPolicyEgressPeer): boolean {
  const { namespaces, pods, nodes, networks, domainNames } = peer;
  const given = [namespaces, pods, nodes, networks, domainNames].filter((one) => one !== undefined);
  const areRead = (networks ?? []).every((text) => parseSloppyCidr(text) !== undefined);
  return (
    given.length === 1 && areRead && selectorsOf(peer).every(({ selector }) => isReadable(selector))
  );
}

/** All selectors of a subject or peer, each with the name of its field. */
export function selectorsOf({
  namespaces,
  pods,
  nodes,
}: ClusterPolicyEgressPeer): { readonly field: string; readonly selector: LabelSelector }[] {
  return [
    { field: 'namespaces', selector: namespaces },
    { field: 'pods.namespaceSelector', selector: pods?.namespaceSelector },
    { field: 'pods.podSelector', selector: pods?.podSelector },
    { field: 'nodes', selector: nodes },
  ].flatMap(({ field, selector }) => (selector === undefined ? [] : [{ field, selector }]));
}

/** Which pods a subject or peer means; `undefined` when it means no pods. */
export function selectionOf(
  { namespaces, pods }: ClusterPolicySubject,
  at: string,
): PodSelection | undefined {
  if (namespaces !== undefined) {
    return { namespace: { at: `${at}.namespaces`, selector: namespaces } };
  }
  return (
    pods && {
      namespace: {
        at: `${at}.pods.namespaceSelector`,
        selector: pods.namespaceSelector ?? {},
      },
      pods: { at: `${at}.pods.podSelector`, selector: pods.podSelector ?? {} },
    }
  );
}

/** Why a peer of a ClusterNetworkPolicy is not this end of the connection; `undefined` when it is. */
export function clusterPeerMiss(
  world: PolicyWorld,
  peer: ClusterPolicyEgressPeer,
  party: Party,
  at: string,
): string | undefined {
  const selection = selectionOf(peer, at);
  if (selection !== undefined) {
    return party.pod === undefined
      ? `${at} means pods, ${describeParty(party)} is none`
      : podMiss(world, party.pod, selection);
  }
  if (peer.nodes !== undefined) return nodeMiss(world, peer.nodes, party, `${at}.nodes`);
  if (peer.networks !== undefined) return networkMiss(peer.networks, party, `${at}.networks`);
  return `${at}.domainNames matches nothing: names are not followed to addresses here`;
}

/** The addresses of nodes themselves, which pods in the nodes' network share. */
function nodeMiss(
  world: PolicyWorld,
  selector: NonNullable<ClusterPolicyEgressPeer['nodes']>,
  { pod, node, address }: Party,
  at: string,
): string | undefined {
  if (pod !== undefined || node === undefined) {
    return `${at} means nodes, ${describeParty({ pod, address })} is none`;
  }
  const labels = world.nodes.get(node)?.metadata.labels ?? {};
  return selectorMiss(selector, { at, who: `node ${node}`, labels });
}

function networkMiss(networks: readonly string[], party: Party, at: string): string | undefined {
  const { address } = party;
  if (address === undefined) return `${at} means addresses, ${describeParty(party)} has none yet`;
  const isIn = networks
    .map(parseSloppyCidr)
    .some((cidr) => cidr !== undefined && containsAddress(cidr, address));
  if (isIn) return undefined;
  return `${at} is ${networks.join(', ')}, ${describeParty({ address })} is not in it`;
}
