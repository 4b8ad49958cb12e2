import { keyOf as podKey, type Pod } from '../../kube/index.ts';
import { policiesOf as refsOf, type PolicyRef } from '../../policy/index.ts';
import type { ObjectId } from '../contract.ts';
import { sceneOf, type Known } from '../known.ts';
import { refId } from '../hops/policy.ts';
import { originsOf } from '../places/origins.ts';
import { parsePlace, type Place } from '../places/place.ts';
import type { Scene } from '../scene.ts';

/** One policy that selects a pod. */
export interface Selecting {
  readonly object: ObjectId;
  readonly tier?: 'Admin' | 'Baseline';
  readonly directions: readonly ('ingress' | 'egress')[];
  /** Rules it has in these directions. */
  readonly rules: number;
  readonly source?: string;
}

/** The policies of one pod. */
export interface PodPolicies {
  readonly pod: string;
  readonly policies: readonly Selecting[];
  /** Directions in which NetworkPolicies select it: only what a rule admits gets through. */
  readonly isolated: readonly ('ingress' | 'egress')[];
}

const directions = ['ingress', 'egress'] as const;

function ruleCount(
  scene: Scene,
  { kind, namespace, name }: PolicyRef,
  direction: 'ingress' | 'egress',
): number {
  const { policies, clusterPolicies } = scene.snapshot;
  const policy =
    kind === 'NetworkPolicy' ? policies.get(`${namespace}/${name}`) : clusterPolicies.get(name);
  return policy?.spec[direction]?.length ?? 0;
}

function keyOf({ kind, namespace, name }: PolicyRef): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

function policiesOfPod(scene: Scene, pod: Pod): PodPolicies {
  const selecting = refsOf(scene.world, pod);
  const refs = new Map([...selecting.ingress, ...selecting.egress].map((ref) => [keyOf(ref), ref]));
  const policies = [...refs].map(([key, ref]): Selecting => {
    const of = directions.filter((direction) =>
      selecting[direction].some((one) => keyOf(one) === key),
    );
    const object = refId(ref);
    const source = scene.locate(object, []);
    return {
      object,
      ...(ref.tier === undefined ? {} : { tier: ref.tier }),
      directions: of,
      rules: of.reduce((sum, direction) => sum + ruleCount(scene, ref, direction), 0),
      ...(source === undefined ? {} : { source }),
    };
  });
  const isolated = directions.filter((direction) =>
    selecting[direction].some(({ kind }) => kind === 'NetworkPolicy'),
  );
  return { pod: podKey(pod), policies, isolated };
}

/** A bare name is a pod's. */
function placeOf(text: string): Place {
  const place = parsePlace(text);
  return place.is === 'name' ? { is: 'object', kind: 'Pod', name: text } : place;
}

/**
 * Which policies hit a pod, or each pod of a workload or Service.
 * @throws Fault `PLACE_NOT_UNDERSTOOD`, `NO_SUCH_OBJECT`, `NO_PODS`
 */
export function policiesOf(known: Known, place: string): PodPolicies[] {
  const scene = sceneOf(known);
  return originsOf(scene, placeOf(place))
    .flatMap(({ pod }) => pod ?? [])
    .map((pod) => policiesOfPod(scene, pod));
}
