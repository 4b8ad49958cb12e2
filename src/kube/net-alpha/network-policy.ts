import { anyKind } from '../any-kind.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import type { IntOrString } from '../int-or-string.ts';
import type { KindDefinition } from '../kind.ts';
import type { AnyObject, KubeObject, StringMap } from '../meta.ts';
import { networkPolicyKind, type NetworkPolicy } from '../networking/network-policy.ts';
import { formatSelector } from '../selector.ts';
import { fromStored } from './from-stored.ts';
import { toStored } from './to-stored.ts';

export interface FirstPolicyPeer {
  pods?: StringMap;
  namespaces?: StringMap;
}

export interface FirstPolicyPort {
  port?: IntOrString;
  protocol?: 'TCP' | 'UDP' | 'SCTP';
}

export interface FirstPolicySpec {
  podSelector?: StringMap;
  /** Absent: nothing is let in. */
  allowIncoming?: { from?: FirstPolicyPeer[]; toPorts?: FirstPolicyPort[] };
}

/** `net.alpha.kubernetes.io/v1alpha1 NetworkPolicy`, the first form of the API (2016): selectors are plain maps. */
export interface FirstNetworkPolicy extends KubeObject {
  spec?: FirstPolicySpec;
}

function warning({ metadata }: AnyObject): string {
  const { name, namespace = '' } = metadata;
  return (
    'net.alpha.kubernetes.io/v1alpha1 is the first form of the NetworkPolicy API (2016), which Kubernetes no longer serves: ' +
    `stored as networkpolicy.networking.k8s.io/${name}; its form today: kubectl get networkpolicy ${name} -n ${namespace} -o yaml`
  );
}

/** See {@link FirstNetworkPolicy}. Third-party resources got their plural from the kind, whence `networkpolicys`. */
export const firstNetworkPolicyKind: KindDefinition<FirstNetworkPolicy> = {
  group: 'net.alpha.kubernetes.io',
  version: 'v1alpha1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicys',
  singular: 'networkpolicy',
  namespaced: true,
  schema: 'io.k8s.api.net.v1alpha1.NetworkPolicy',
  hasStatus: false,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('Pod-Selector', 'The pods that the policy applies to.', (policy) =>
      formatSelector((toStored(policy) as unknown as NetworkPolicy).spec.podSelector),
    ),
    ageColumn,
  ],
  form: { of: anyKind(networkPolicyKind), toStored, fromStored, warning },
};
