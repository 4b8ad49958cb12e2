import { parseCidr } from '../../ip/index.ts';
import { fieldForbidden, fieldInvalid, type FieldError, type FieldPath } from '../field-error.ts';
import { validateLabelSelector } from '../validate-selector.ts';
import type {
  ClusterNetworkPolicy,
  ClusterPolicyEgressPeer,
  ClusterPolicyEgressRule,
  ClusterPolicyIngressRule,
  ClusterPolicyProtocol,
} from './cluster-network-policy.ts';

function portErrors(protocol: ClusterPolicyProtocol, path: FieldPath): FieldError[] {
  return (['tcp', 'udp', 'sctp'] as const).flatMap((name) => {
    const range = protocol[name]?.destinationPort?.range;
    if (range === undefined || range.start < range.end) return [];
    const at = path.child(name, 'destinationPort', 'range');
    return [fieldInvalid(at, 'object', 'Start port must be less than End port')];
  });
}

/** The selectors of a peer or of the subject: the API's schema leaves their contents to whoever compiles them. */
function selectorErrors(peer: ClusterPolicyEgressPeer, path: FieldPath): FieldError[] {
  const pods = path.child('pods');
  return [
    ...validateLabelSelector(peer.namespaces, path.child('namespaces')),
    ...validateLabelSelector(peer.pods?.namespaceSelector, pods.child('namespaceSelector')),
    ...validateLabelSelector(peer.pods?.podSelector, pods.child('podSelector')),
    ...validateLabelSelector(peer.nodes, path.child('nodes')),
  ];
}

function networkErrors({ networks = [] }: ClusterPolicyEgressPeer, path: FieldPath): FieldError[] {
  return networks.flatMap((cidr, at) =>
    parseCidr(cidr) === undefined
      ? [fieldInvalid(path.child('networks').index(at), cidr, 'Invalid CIDR format provided')]
      : [],
  );
}

function hasNoPorts({ networks, nodes, domainNames }: ClusterPolicyEgressPeer): boolean {
  return [networks, nodes, domainNames].some((part) => part !== undefined);
}

function egressErrors(rule: ClusterPolicyEgressRule, path: FieldPath): FieldError[] {
  const { action, to, protocols = [] } = rule;
  const isNamed = protocols.some(({ destinationNamedPort: name }) => name !== undefined);
  return [
    ...(isNamed && to.some(hasNoPorts)
      ? [
          fieldInvalid(
            path,
            'object',
            'networks/nodes/domainNames peer cannot be set with namedPorts since there are no namedPorts for networks/nodes/domainNames',
          ),
        ]
      : []),
    ...to.flatMap(({ domainNames }, at) =>
      domainNames !== undefined && action !== 'Accept'
        ? [
            fieldForbidden(
              path.child('to').index(at).child('domainNames'),
              'domainNames may be in rules with action Accept only: a name has more addresses than can be known',
            ),
          ]
        : [],
    ),
  ];
}

function ruleErrors(
  { protocols = [] }: ClusterPolicyIngressRule | ClusterPolicyEgressRule,
  peers: readonly ClusterPolicyEgressPeer[],
  { path, side }: { readonly path: FieldPath; readonly side: 'from' | 'to' },
): FieldError[] {
  return [
    ...peers.flatMap((peer, at) => [
      ...selectorErrors(peer, path.child(side).index(at)),
      ...networkErrors(peer, path.child(side).index(at)),
    ]),
    ...protocols.flatMap((protocol, at) => portErrors(protocol, path.child('protocols').index(at))),
  ];
}

/** What the schema cannot say of a policy that meets it: the rules that the API has in CEL, and selectors. */
export function validateRules({ spec }: ClusterNetworkPolicy, root: FieldPath): FieldError[] {
  const { subject, ingress = [], egress = [] } = spec;
  const path = root.child('spec');
  return [
    ...selectorErrors(subject, path.child('subject')),
    ...ingress.flatMap((rule, at) =>
      ruleErrors(rule, rule.from, { path: path.child('ingress').index(at), side: 'from' }),
    ),
    ...egress.flatMap((rule, at) => [
      ...egressErrors(rule, path.child('egress').index(at)),
      ...ruleErrors(rule, rule.to, { path: path.child('egress').index(at), side: 'to' }),
    ]),
  ];
}
