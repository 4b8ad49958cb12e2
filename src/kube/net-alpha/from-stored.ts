import { isSameJson } from '../checks.ts';
import type { AnyObject } from '../meta.ts';
import type {
  NetworkPolicy,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../networking/network-policy.ts';
import type {
  FirstNetworkPolicy,
  FirstPolicyPeer,
  FirstPolicyPort,
  FirstPolicySpec,
} from './network-policy.ts';
import { fullSpecAnnotation, storedSpec } from './to-stored.ts';

function peerOf({ podSelector, namespaceSelector }: NetworkPolicyPeer): FirstPolicyPeer {
  return {
    ...(podSelector === undefined ? {} : { pods: podSelector.matchLabels ?? {} }),
    ...(namespaceSelector === undefined ? {} : { namespaces: namespaceSelector.matchLabels ?? {} }),
  };
}

function portOf({ port, protocol }: NetworkPolicyPort): FirstPolicyPort {
  return {
    ...(port === undefined ? {} : { port }),
    ...(protocol === undefined ? {} : { protocol }),
  };
}

function incomingOf({ from, ports }: NetworkPolicyIngressRule): FirstPolicySpec['allowIncoming'] {
  return {
    ...(from === undefined ? {} : { from: from.map(peerOf) }),
    ...(ports === undefined ? {} : { toPorts: ports.map(portOf) }),
  };
}

/** As much of a stored spec as the first form can say. */
function sayable({ podSelector, ingress = [] }: NetworkPolicy['spec']): FirstPolicySpec {
  const labels = podSelector?.matchLabels;
  const [rule] = ingress;
  return {
    ...(labels === undefined ? {} : { podSelector: labels }),
    ...(rule === undefined ? {} : { allowIncoming: incomingOf(rule) }),
  };
}

/**
 * A stored policy in the first form. One that has egress rules, several ingress rules, ipBlocks or expressions shows no
 * spec of its own: half of a policy would read as another one.
 */
export function fromStored(stored: AnyObject): FirstNetworkPolicy {
  const policy = stored as unknown as NetworkPolicy;
  const spec = sayable(policy.spec);
  const object = { ...policy, apiVersion: 'net.alpha.kubernetes.io/v1alpha1' };
  if (isSameJson(storedSpec(spec), { podSelector: {}, ingress: [], ...policy.spec })) {
    return { ...object, spec };
  }
  const annotations = {
    ...policy.metadata.annotations,
    [fullSpecAnnotation]: JSON.stringify(policy.spec),
  };
  return { ...object, metadata: { ...policy.metadata, annotations }, spec: {} };
}
