import { isSameJson } from '../checks.ts';
import type { AnyObject } from '../meta.ts';
import type { NetworkPolicy, NetworkPolicyPeer } from '../networking/network-policy.ts';
import type { FirstNetworkPolicy, FirstPolicyPeer, FirstPolicySpec } from './network-policy.ts';
import { fullSpecAnnotation, storedSpec } from './to-stored.ts';

function peerOf({ podSelector, namespaceSelector }: NetworkPolicyPeer): FirstPolicyPeer {
  return {
    ...(podSelector === undefined ? {} : { pods: podSelector.matchLabels ?? {} }),
    ...(namespaceSelector === undefined ? {} : { namespaces: namespaceSelector.matchLabels ?? {} }),
  };
}

/** As much of a stored spec as the first form can say. */
function sayable({ podSelector, ingress = [] }: NetworkPolicy['spec']): FirstPolicySpec {
  const labels = podSelector?.matchLabels;
  const [rule] = ingress;
  return {
    ...(labels === undefined ? {} : { podSelector: labels }),
    ...(rule === undefined
      ? {}
      : {
          allowIncoming: {
            ...(rule.from === undefined ? {} : { from: rule.from.map(peerOf) }),
            ...(rule.ports === undefined
              ? {}
              : { toPorts: rule.ports.map(({ port, protocol }) => ({ port, protocol })) }),
          },
        }),
  } as FirstPolicySpec;
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
