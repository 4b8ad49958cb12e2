import { timestamp, type Clock } from '../../clock/index.ts';
import {
  conditionOf,
  tolerates,
  type Condition,
  type Node,
  type Pod,
  type Taint,
  type TaintEffect,
} from '../../kube/index.ts';

const prefix = 'node.kubernetes.io/';
const noSchedule: readonly TaintEffect[] = ['NoSchedule'];
const both: readonly TaintEffect[] = ['NoSchedule', 'NoExecute'];

type Rule = readonly [
  condition: string,
  status: Condition['status'],
  taint: string,
  effects: readonly TaintEffect[],
];

/** KEP-382: conditions keep pods away, and send them away, by taints. */
const rules: readonly Rule[] = [
  ['Ready', 'False', 'not-ready', both],
  ['Ready', 'Unknown', 'unreachable', both],
  ['MemoryPressure', 'True', 'memory-pressure', noSchedule],
  ['DiskPressure', 'True', 'disk-pressure', noSchedule],
  ['PIDPressure', 'True', 'pid-pressure', noSchedule],
  ['NetworkUnavailable', 'True', 'network-unavailable', noSchedule],
];

const cordoned: Taint = { key: `${prefix}unschedulable`, effect: 'NoSchedule' };

function taintsOf([, , taint, effects]: Rule): Taint[] {
  return effects.map((effect) => ({ key: prefix + taint, effect }));
}

/** Every taint that comes and goes by itself; all others belong to the user. */
const managed: readonly Taint[] = [...rules.flatMap(taintsOf), cordoned];

function wantedTaints({ spec, status }: Node): Taint[] {
  const applying = rules.filter(
    ([type, value]) => conditionOf(status?.conditions, type)?.status === value,
  );
  return [...applying.flatMap(taintsOf), ...(spec.unschedulable === true ? [cordoned] : [])];
}

function has(taints: readonly Taint[], { key, effect }: Taint): boolean {
  return taints.some((taint) => taint.key === key && taint.effect === effect);
}

/** The taints that the node should have; undefined when it has them. */
export function changedTaints(node: Node, clock: Clock): Taint[] | undefined {
  const { taints = [] } = node.spec;
  const wanted = wantedTaints(node);
  const kept = taints.filter((taint) => !has(managed, taint) || has(wanted, taint));
  const added = wanted
    .filter((taint) => !has(taints, taint))
    .map((taint) => ({ ...taint, timeAdded: timestamp(clock) }));
  if (kept.length === taints.length && added.length === 0) return undefined;
  return [...kept, ...added];
}

/** The taints for which a pod has to leave. */
export function noExecuteTaints(node: Node): Taint[] {
  return (node.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

/**
 * How long the pod may stay under these NoExecute taints.
 * @returns seconds from the moment that it came under them; Infinity when it tolerates all for ever
 */
export function stayOf({ spec: { tolerations = [] } }: Pod, taints: readonly Taint[]): number {
  const stays = taints.map((taint) => {
    const toleration = tolerations.find((candidate) => tolerates(candidate, taint));
    return toleration === undefined ? 0 : (toleration.tolerationSeconds ?? Infinity);
  });
  return Math.max(0, Math.min(Infinity, ...stays));
}
