import { containsCidr, parseCidr } from '../../ip/index.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkOptionalEnum } from '../checks.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import type { IntOrString } from '../int-or-string.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject, LabelSelector } from '../meta.ts';
import { portName, portNumber } from '../names.ts';
import { formatSelector } from '../selector.ts';
import { validateLabelSelector } from '../validate-selector.ts';
import { withSpec } from '../with-spec.ts';

export interface IPBlock {
  cidr: string;
  except?: string[];
}

export interface NetworkPolicyPeer {
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
  ipBlock?: IPBlock;
}

export interface NetworkPolicyPort {
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  port?: IntOrString;
  endPort?: number;
}

export interface NetworkPolicyIngressRule {
  ports?: NetworkPolicyPort[];
  from?: NetworkPolicyPeer[];
}

export interface NetworkPolicyEgressRule {
  ports?: NetworkPolicyPort[];
  to?: NetworkPolicyPeer[];
}

export type PolicyType = 'Ingress' | 'Egress';

/** `networking.k8s.io/v1 NetworkPolicy`. */
export interface NetworkPolicy extends KubeObject {
  spec: {
    podSelector?: LabelSelector;
    ingress?: NetworkPolicyIngressRule[];
    egress?: NetworkPolicyEgressRule[];
    policyTypes?: PolicyType[];
  };
}

function setDefaults({ spec }: NetworkPolicy): void {
  if ((spec.policyTypes ?? []).length === 0) {
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  }
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
  }
}

function validatePort(
  { protocol, port, endPort }: NetworkPolicyPort,
  path: FieldPath,
): FieldError[] {
  return [
    ...checkOptionalEnum(path.child('protocol'), protocol, ['TCP', 'UDP', 'SCTP']),
    ...(port === undefined ? [] : portErrors(port, path.child('port'))),
    ...(endPort === undefined ? [] : endPortErrors(endPort, port, path.child('endPort'))),
  ];
}

function portErrors(port: IntOrString, path: FieldPath): FieldError[] {
  const messages = typeof port === 'number' ? portNumber(port) : portName(port);
  return messages.map((message) => fieldInvalid(path, port, message));
}

function endPortErrors(
  endPort: number,
  port: IntOrString | undefined,
  path: FieldPath,
): FieldError[] {
  if (port === undefined) {
    return [fieldInvalid(path, endPort, 'may not be specified when `port` is not specified')];
  }
  if (typeof port === 'string') {
    return [fieldInvalid(path, endPort, 'may not be specified when `port` is non-numeric')];
  }
  return [
    ...(endPort < port
      ? [fieldInvalid(path, endPort, 'must be greater than or equal to `port`')]
      : []),
    ...portNumber(endPort).map((message) => fieldInvalid(path, endPort, message)),
  ];
}

function validateBlock({ cidr, except = [] }: IPBlock, path: FieldPath): FieldError[] {
  const at = path.child('cidr');
  if (cidr === undefined || cidr === '') return [fieldRequired(at)];
  const outer = parseCidr(cidr);
  if (outer === undefined) return [fieldInvalid(at, cidr, 'not a valid CIDR')];
  return except.flatMap((text, position) => {
    const exceptPath = path.child('except').index(position);
    const inner = parseCidr(text);
    if (inner === undefined) return [fieldInvalid(exceptPath, text, 'not a valid CIDR')];
    const isStrict = containsCidr(outer, inner) && inner.prefixLength > outer.prefixLength;
    return isStrict ? [] : [fieldInvalid(exceptPath, text, 'must be a strict subset of `cidr`')];
  });
}

function validatePeer(peer: NetworkPolicyPeer, path: FieldPath): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const given = [podSelector, namespaceSelector, ipBlock].filter((part) => part !== undefined);
  const errors = [
    ...validateLabelSelector(podSelector, path.child('podSelector')),
    ...validateLabelSelector(namespaceSelector, path.child('namespaceSelector')),
    ...(ipBlock === undefined ? [] : validateBlock(ipBlock, path.child('ipBlock'))),
  ];
  if (given.length === 0) return [...errors, fieldRequired(path, 'must specify a peer')];
  if (given.length > 1 && ipBlock !== undefined) {
    return [...errors, fieldForbidden(path, 'may not specify both ipBlock and another peer')];
  }
  return errors;
}

function validateRule(
  ports: readonly NetworkPolicyPort[] | undefined,
  peers: readonly NetworkPolicyPeer[] | undefined,
  { path, side }: { path: FieldPath; side: 'from' | 'to' },
): FieldError[] {
  return [
    ...(ports ?? []).flatMap((port, at) => validatePort(port, path.child('ports').index(at))),
    ...(peers ?? []).flatMap((peer, at) => validatePeer(peer, path.child(side).index(at))),
  ];
}

function validateSpec(spec: NetworkPolicy['spec'], path: FieldPath): FieldError[] {
  const { ingress = [], egress = [], policyTypes = [] } = spec;
  const types = path.child('policyTypes');
  return [
    ...validateLabelSelector(spec.podSelector, path.child('podSelector')),
    ...ingress.flatMap(({ ports, from }, at) =>
      validateRule(ports, from, { path: path.child('ingress').index(at), side: 'from' }),
    ),
    ...egress.flatMap(({ ports, to }, at) =>
      validateRule(ports, to, { path: path.child('egress').index(at), side: 'to' }),
    ),
    ...(policyTypes.length > 2
      ? [fieldInvalid(types, policyTypes, 'may not specify more than two policyTypes')]
      : policyTypes.flatMap((type, at) =>
          checkOptionalEnum(types.index(at), type, ['Ingress', 'Egress']),
        )),
  ];
}

export const networkPolicyKind: KindDefinition<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  schema: 'io.k8s.api.networking.v1.NetworkPolicy',
  hasStatus: false,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('Pod-Selector', 'The pods that the policy applies to.', ({ spec }) =>
      formatSelector(spec.podSelector),
    ),
    ageColumn,
  ],
  defaults: withSpec(setDefaults),
  validate: (policy, path) => validateSpec(policy.spec, path.child('spec')),
};
