import type { AddedPackage } from './additions.ts';
import { kindType, listType } from './every-object.ts';

/** The first form of NetworkPolicy (2016), a third-party resource of the network special interest group. */
export const netV1alpha1: AddedPackage = {
  NetworkPolicy: kindType(
    'Who may connect to pods, in the first form of the API. Stored as NetworkPolicy of networking.k8s.io/v1.',
    { spec: ['NetworkPolicySpec', 'Which pods, and who.'] },
  ),
  NetworkPolicyList: listType('NetworkPolicy'),
  NetworkPolicySpec: {
    description: 'Which pods a policy isolates, and who may connect to them nevertheless.',
    fields: {
      podSelector: ['{}string', 'The labels of the pods; none is all pods of the namespace.'],
      allowIncoming: ['AllowIncoming', 'Who may connect; nobody when absent.'],
    },
  },
  AllowIncoming: {
    description: 'Connections that are allowed.',
    fields: {
      from: ['[]NetworkPolicyPeer', 'Where they come from; from anywhere when absent.'],
      toPorts: ['[]NetworkPolicyPort', 'The ports they go to; all when absent.'],
    },
  },
  NetworkPolicyPeer: {
    description: 'One kind of source.',
    fields: {
      pods: ['{}string', 'The labels of pods of the same namespace; {} is all of them.'],
      namespaces: ['{}string', 'The labels of namespaces, all pods of which are meant.'],
    },
  },
  NetworkPolicyPort: {
    description: 'One port.',
    fields: {
      port: ['intOrString', 'A number, or the name of a container port; all when absent.'],
      protocol: ['string', 'TCP, UDP or SCTP; TCP when absent.'],
    },
  },
};
