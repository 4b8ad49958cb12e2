import type { NameReason } from '../names/index.ts';
import type { DirectionReason } from '../policy/index.ts';
import type { RequestReason } from '../routes/index.ts';
import type { ForwardReason, SkipReason } from '../services/index.ts';

const ofPolicies = {
  NOT_ENFORCED: 'policies have a say here, and the network of the cluster does not enforce it',
};

/** The codes of the stations that no other room judges, each with what it means. They are stable. */
export const ownReasons = {
  tls: {
    SECRET_CERTIFICATE: 'the certificate of a Secret answers',
    FALLBACK_CERTIFICATE:
      'the self-signed certificate answers, which clients refuse unless told not to',
    TLS_PASSED_ON: 'TLS goes to the backend unopened',
  },
  request: {
    NO_CONTROLLER: 'there is no ingress controller',
  },
  dns: {
    DNS_ADMITTED: 'the pod may ask cluster DNS',
    DNS_NOT_ADMITTED:
      'policies keep the pod from cluster DNS, so that no name means anything to it',
  },
  service: {
    HEADLESS: 'the name leads to the pods themselves, and the port is theirs',
    NO_SUCH_PORT: 'the Service has no such port',
    OTHER_PROTOCOL: 'the Service has the port for another protocol',
    NOT_EXPOSED: 'the Service has no address outside the cluster',
    SOURCE_NOT_IN_RANGES:
      "loadBalancerSourceRanges keep the source from the load balancer's address",
    NO_SELECTOR: 'the Service selects nothing and nobody gave it endpoints',
    SELECTOR_MATCHES_NO_POD: 'no pod of the namespace has the labels that the Service selects',
    TARGET_PORT_NOT_FOUND: 'no selected pod has a port of the name that targetPort says',
    PODS_NOT_READY: 'pods are selected, and none is ready',
    NO_ENDPOINTS: 'no endpoint in this family of addresses, or none yet',
    NO_LOCAL_ENDPOINTS: 'the traffic policy is Local and the node has no endpoint',
  },
  egress: ofPolicies,
  ingress: ofPolicies,
  route: {
    OWN_POD: 'source and destination are one pod',
    SAME_NODE: 'both are on one node',
    OTHER_NODE: 'they are on two nodes',
    NODES_NOT_KNOWN: 'the pods of manifests have no nodes yet',
    LEAVES_CLUSTER: 'the destination is outside; a pod is seen there by the address of its node',
    FROM_OUTSIDE: 'the source is outside',
    OUTSIDE: 'neither is in the cluster',
    POD_ENDED: 'the pod has ended',
    POD_WITHOUT_ADDRESS: 'the pod has no address yet',
    NO_SUCH_POD_ADDRESS: 'an address of the pods that none of them has',
    NO_SUCH_SERVICE_ADDRESS: 'an address of the Services that none of them has',
  },
  listen: {
    PORT_DECLARED: 'a container declares the port',
    PORT_NOT_DECLARED: 'no container declares it; it may be open all the same',
    LISTENS: 'a program listens (read from the pod)',
    LISTENS_ON_LOOPBACK: 'a program listens at 127.0.0.1 or ::1 only',
    NOTHING_LISTENS: 'nothing listens',
    KERNEL_ANSWERS: 'ICMP needs no program',
    NOT_KNOWN: 'it is no pod of the cluster',
  },
} as const;

/** Every code that a hop may have. */
export type HopReason =
  | { [Step in keyof typeof ownReasons]: keyof (typeof ownReasons)[Step] }[keyof typeof ownReasons]
  | NameReason
  | RequestReason
  | ForwardReason
  | SkipReason
  | DirectionReason;
