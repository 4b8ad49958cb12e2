import type { KindDefinition } from '../kind.ts';
import { anyKind } from '../any-kind.ts';
import type { AnyObject } from '../meta.ts';
import { networkPolicyKind, type NetworkPolicy } from '../networking/network-policy.ts';
import { apiVersionOf } from '../owner.ts';

/** The same object under another apiVersion: the fields never changed. */
function under(apiVersion: string, object: object): AnyObject {
  return { ...(object as AnyObject), apiVersion };
}

const group = 'extensions';
const version = 'v1beta1';

/**
 * `extensions/v1beta1 NetworkPolicy`, which older courses and charts write; Kubernetes served it until 1.15. It has no
 * short name: `netpol` is that of networking.k8s.io, and kubectl warns of two.
 */
export const extensionsNetworkPolicyKind: KindDefinition<NetworkPolicy> = {
  group,
  version,
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  namespaced: true,
  schema: 'io.k8s.api.extensions.v1beta1.NetworkPolicy',
  hasStatus: false,
  hasGeneration: true,
  columns: networkPolicyKind.columns,
  form: {
    of: anyKind(networkPolicyKind),
    toStored: (object) => under(apiVersionOf(networkPolicyKind), object),
    fromStored: (stored) =>
      under(apiVersionOf({ group, version }), stored) as unknown as NetworkPolicy,
    warning: ({ metadata }) =>
      'extensions/v1beta1 NetworkPolicy is deprecated in v1.9+, unavailable in v1.16+; use networking.k8s.io/v1 NetworkPolicy ' +
      `(stored as networkpolicy.networking.k8s.io/${metadata.name})`,
  },
};
