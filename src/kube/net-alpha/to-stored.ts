import { invalid } from '../api-error.ts';
import { isSameJson } from '../checks.ts';
import { fieldForbidden, FieldPath } from '../field-error.ts';
import type { AnyObject, LabelSelector, StringMap } from '../meta.ts';
import { networkPolicyKind, type NetworkPolicy } from '../networking/network-policy.ts';
import { apiVersionOf } from '../owner.ts';
import type { FirstNetworkPolicy, FirstPolicyPeer, FirstPolicySpec } from './network-policy.ts';

/** Holds the stored spec where the first form cannot say it; shown with the first form, never stored. */
export const fullSpecAnnotation = 'portolan.io/networking-v1-spec';

function selectorOfMap(labels: StringMap): LabelSelector {
  return Object.keys(labels).length === 0 ? {} : { matchLabels: labels };
}

function peerOf({ pods, namespaces }: FirstPolicyPeer): LabelSelectors {
  return {
    ...(pods === undefined ? {} : { podSelector: selectorOfMap(pods) }),
    ...(namespaces === undefined ? {} : { namespaceSelector: selectorOfMap(namespaces) }),
  };
}

type LabelSelectors = Partial<Record<'podSelector' | 'namespaceSelector', LabelSelector>>;

/** What a spec of the first form says, as networking.k8s.io/v1 says it. */
export function storedSpec({
  podSelector = {},
  allowIncoming,
}: FirstPolicySpec): NetworkPolicy['spec'] {
  const { from, toPorts } = allowIncoming ?? {};
  const rule = {
    ...(from === undefined ? {} : { from: from.map(peerOf) }),
    ...(toPorts === undefined ? {} : { ports: toPorts }),
  };
  return {
    podSelector: selectorOfMap(podSelector),
    ingress: allowIncoming === undefined ? [] : [rule],
    policyTypes: ['Ingress'],
  };
}

/** The spec behind an object that was shown with {@link fullSpecAnnotation}; what it says now has to be the same. */
function fullSpec(text: string, object: FirstNetworkPolicy): unknown {
  if (isSameJson(object.spec ?? {}, {})) return JSON.parse(text) as unknown;
  const detail =
    'this policy says more than net.alpha.kubernetes.io/v1alpha1 can: change it as networkpolicies.networking.k8s.io, or delete it first';
  const path = new FieldPath('spec');
  throw invalid(networkPolicyKind, object.metadata.name, [fieldForbidden(path, detail)]);
}

/** @throws ApiError `Invalid` when a policy would lose what the first form cannot say */
export function toStored(object: FirstNetworkPolicy): AnyObject {
  const { metadata, spec, ...rest } = object;
  const { [fullSpecAnnotation]: full, ...annotations } = metadata?.annotations ?? {};
  return {
    ...rest,
    apiVersion: apiVersionOf(networkPolicyKind),
    metadata: full === undefined ? metadata : { ...metadata, annotations },
    spec: full === undefined ? storedSpec(spec ?? {}) : fullSpec(full, object),
  };
}
