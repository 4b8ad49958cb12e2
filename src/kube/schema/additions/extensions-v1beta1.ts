import type { AddedPackage } from './additions.ts';
import { kindType, listType } from './every-object.ts';

/** Gone since Kubernetes 1.16; its fields were those that networking.k8s.io/v1 has. */
export const extensionsV1beta1: AddedPackage = {
  NetworkPolicy: kindType(
    'Who may connect to pods. Superseded by NetworkPolicy of networking.k8s.io/v1, as which it is stored.',
    { spec: ['io.k8s.api.networking.v1.NetworkPolicySpec', 'Which pods, and who.'] },
  ),
  NetworkPolicyList: listType('NetworkPolicy'),
};
