import { Fault } from '../../fault/index.ts';
import {
  keyOf,
  type ClusterNetworkPolicy,
  type NetworkPolicy,
  type Pod,
} from '../../kube/index.ts';
import {
  policiesOf,
  policyFindings,
  selects,
  type Direction,
  type FindingCode,
} from '../../policy/index.ts';
import type { FieldPath, ObjectId } from '../contract.ts';
import { sceneOf, type Known } from '../known.ts';
import { requireIn } from '../places/find.ts';
import { kindsByWord } from '../places/place.ts';
import { idOf, type Scene } from '../scene.ts';

/** Something odd about a policy, and where it is written. */
interface Finding {
  readonly code: FindingCode;
  readonly sentence: string;
  readonly source?: string;
}

/** `spec.ingress[0].from` as a path of fields. */
function pathOf(field: string): FieldPath {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([text, position]) =>
    position === undefined ? text : Number(position),
  );
}

function findingsOf(scene: Scene, policy: NetworkPolicy | ClusterNetworkPolicy): Finding[] {
  const world = { ...scene.snapshot, ...scene.world };
  return policyFindings(world, policy).map(({ code, message, field }) => {
    const source = scene.locate(idOf(policy), pathOf(field));
    return { code, sentence: message, ...(source === undefined ? {} : { source }) };
  });
}

/** The pods that a policy selects. */
export interface PolicySelection {
  readonly object: ObjectId;
  readonly source?: string;
  /** In which it has a say; none when it selects no pod. */
  readonly directions: readonly Direction[];
  /** `namespace/name` */
  readonly pods: readonly string[];
  /** What its author should know: it may not mean what it says. */
  readonly findings: readonly Finding[];
}

const policyKinds: Readonly<Record<string, 'NetworkPolicy' | 'ClusterNetworkPolicy'>> = {
  netpol: 'NetworkPolicy',
  networkpolicy: 'NetworkPolicy',
  networkpolicies: 'NetworkPolicy',
  cnp: 'ClusterNetworkPolicy',
  clusternetworkpolicy: 'ClusterNetworkPolicy',
  clusternetworkpolicies: 'ClusterNetworkPolicy',
};

function notUnderstood(text: string): Fault {
  return new Fault({
    code: 'POLICY_NOT_UNDERSTOOD',
    message: `"${text}" does not say which policy`,
    advice: 'Write NAME, NAMESPACE/NAME, netpol/NAME or cnp/NAME.',
  });
}

/** `NAME`, `NAMESPACE/NAME`, `netpol/NAME`, `netpol/NAMESPACE/NAME`, `cnp/NAME` */
function parsePolicy(text: string, home: string): Required<ObjectId> {
  const parts = text.split('/');
  const kind = parts.length > 1 ? policyKinds[(parts[0] ?? '').toLowerCase()] : undefined;
  const [first = '', second, ...more] = kind === undefined ? parts : parts.slice(1);
  if (more.length > 0 || first === '' || second === '') throw notUnderstood(text);
  if (kind === 'ClusterNetworkPolicy') {
    if (second !== undefined) throw notUnderstood(text);
    return { kind, namespace: '', name: first };
  }
  const [namespace, name] = second === undefined ? [home, first] : [first, second];
  return { kind: 'NetworkPolicy', namespace, name };
}

/** What tells of an object of another kind what is asked here of a policy. */
function otherKind(text: string, kind: string): Fault {
  const ofService = `Its endpoints: kubectl describe ${text}; who gets to them: portolan explain FROM ${text}. `;
  return new Fault({
    code: 'POLICY_NOT_UNDERSTOOD',
    message: `"${text}" is a ${kind}, and no policy: this tells which pods a NetworkPolicy or ClusterNetworkPolicy selects`,
    advice: `${kind === 'Service' ? ofService : ''}Which policies select ${kind === 'Pod' ? 'it' : 'its pods'}: portolan policies ${text}.`,
  });
}

/** `svc/web` is a Service, unless a namespace of that name has such a policy. */
function requirePolicy(scene: Scene, text: string): NetworkPolicy | ClusterNetworkPolicy {
  const wanted = parsePolicy(text, scene.namespace);
  const { policies, clusterPolicies } = scene.snapshot;
  if (wanted.kind === 'ClusterNetworkPolicy') return requireIn(scene, clusterPolicies, wanted);
  const [word = '', ...rest] = text.split('/');
  const kind = rest.length === 0 ? undefined : kindsByWord[word.toLowerCase()];
  const isThere = policies.has(`${wanted.namespace}/${wanted.name}`);
  if (kind !== undefined && kind !== 'Node' && !isThere) throw otherKind(text, kind);
  return requireIn(scene, policies, wanted);
}

/**
 * Which pods a policy selects, and in which directions.
 * @throws Fault `POLICY_NOT_UNDERSTOOD`, `NO_SUCH_OBJECT`
 */
export function selectionOf(known: Known, policy: string): PolicySelection {
  const scene = sceneOf(known);
  const { pods } = scene.snapshot;
  const found = requirePolicy(scene, policy);
  const object = idOf(found);
  const source = scene.locate(object, ['spec', 'podSelector']);
  const selected = selects(scene.world, found, pods.values());
  return {
    object,
    ...(source === undefined ? {} : { source }),
    directions: directionsOf(scene, object, selected[0]),
    pods: selected.map(keyOf),
    findings: findingsOf(scene, found),
  };
}

/** They are the policy's, whichever pod it selects. */
function directionsOf(scene: Scene, object: ObjectId, pod: Pod | undefined): Direction[] {
  if (pod === undefined) return [];
  const refs = policiesOf(scene.world, pod);
  return (['ingress', 'egress'] as const).filter((direction) =>
    refs[direction].some(({ kind, name }) => kind === object.kind && name === object.name),
  );
}
