import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { ingressClasses } from './ingress-class.ts';
import { ingresses } from './ingress.ts';
import { ipAddresses } from './ip-address.ts';
import { networkPolicies } from './network-policy.ts';
import { serviceCidrs } from './service-cidr.ts';

/** The kinds of networking.k8s.io, in discovery order. */
export const networkingKinds: readonly KindDefinition[] = [
  anyKind(ingressClasses),
  anyKind(ingresses),
  anyKind(ipAddresses),
  anyKind(networkPolicies),
  anyKind(serviceCidrs),
];
