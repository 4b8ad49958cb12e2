import { keyOf, type Pod } from '../../kube/index.ts';
import type { MatrixGroup } from '../../policy/index.ts';
import type { MatrixPort, Subject } from './contract.ts';
import { declaredPorts, portText } from './ports.ts';

/** A subject, the group of the policies' matrix that it is in, and the ports that it declares. */
export interface Judged {
  readonly subject: Subject;
  readonly group: number;
  readonly ports: readonly MatrixPort[];
  /** There is one of it and no more: a pod without a workload, the world outside. */
  readonly isAlone: boolean;
}

/** `web` of `web-7b6684b4c6-4vsvb`: the workload's name, as people know it; a bare pod's own. */
function baseName({ metadata }: Pod): string {
  const [owner] = metadata.ownerReferences ?? [];
  if (owner === undefined) return metadata.name;
  const hash = metadata.labels?.['pod-template-hash'];
  const isHashed = hash !== undefined && owner.name.endsWith(`-${hash}`);
  return isHashed ? owner.name.slice(0, -hash.length - 1) : owner.name;
}

function workloadKey(pod: Pod): string {
  return `${pod.metadata.namespace}/${baseName(pod)}`;
}

interface Alike {
  readonly group: number;
  readonly pods: readonly Pod[];
  readonly ports: readonly MatrixPort[];
}

/** Pods of one workload that no policy tells apart and that declare the same ports. */
function alike(groups: readonly MatrixGroup[]): Alike[] {
  return groups.flatMap(({ pods }, group) => {
    const byLook = Map.groupBy(pods, (pod) =>
      JSON.stringify([workloadKey(pod), declaredPorts(pod).map(portText)]),
    );
    return [...byLook.values()].map((pods) => {
      const [first] = pods;
      return { group, pods, ports: first === undefined ? [] : declaredPorts(first) };
    });
  });
}

/** Where all pods of a workload are alike they have its name, else the name of one of them. */
function named(all: readonly Alike[]): Judged[] {
  const nameOf = ({ pods: [first] }: Alike): string =>
    first === undefined ? '' : workloadKey(first);
  const uses = Map.groupBy(all, nameOf);
  return all.flatMap((one) => {
    const { pods, group, ports } = one;
    const [first] = pods;
    if (first === undefined) return [];
    const shared = nameOf(one);
    const name = uses.get(shared)?.length === 1 ? shared : keyOf(first);
    const names = pods.map(({ metadata }) => metadata.name).sort();
    const isAlone = pods.length === 1 && first.metadata.ownerReferences === undefined;
    return [{ subject: { name, pods: names }, group, ports, isAlone }];
  });
}

/** Everybody that connections are judged between; groups without pods are the world outside. */
export function subjectsOf(groups: readonly MatrixGroup[]): Judged[] {
  const group = groups.findIndex(({ pods }) => pods.length === 0);
  const outside = { subject: { name: 'outside', pods: [] }, group, ports: [], isAlone: true };
  return [
    ...named(alike(groups)).sort((one, two) => (one.subject.name < two.subject.name ? -1 : 1)),
    ...(group === -1 ? [] : [outside]),
  ];
}
