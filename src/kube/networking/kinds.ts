import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { ingressClassKind } from './ingress-class.ts';
import { ingressKind } from './ingress.ts';
import { ipAddressKind } from './ip-address.ts';
import { networkPolicyKind } from './network-policy.ts';
import { serviceCidrKind } from './service-cidr.ts';

/** The kinds of networking.k8s.io, in discovery order. */
export const networkingKinds: readonly KindDefinition[] = [
  anyKind(ingressClassKind),
  anyKind(ingressKind),
  anyKind(ipAddressKind),
  anyKind(networkPolicyKind),
  anyKind(serviceCidrKind),
];
