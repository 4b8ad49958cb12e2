import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  selectorOf,
  tolerates,
  type NodeSelectorTerm,
  type Node,
  type Pod,
  type Taint,
} from '../../kube/index.ts';
import { podRequest, requestedResources, usedOf, type Candidate } from './candidate.ts';
import { interPodFailures } from './inter-pod.ts';

/** Says why a node cannot take a pod, in the scheduler's words; empty when it can. */
export type Filter = (
  pod: Pod,
  candidate: Candidate,
  all: readonly Candidate[],
) => readonly string[];

const SELECTOR = "node(s) didn't match Pod's node affinity/selector";

function hasLabels(node: Node, wanted: Readonly<Record<string, string>> | undefined): boolean {
  const labels = node.metadata.labels ?? {};
  return Object.entries(wanted ?? {}).every(([name, value]) => labels[name] === value);
}

/** True when the node matches a term of node affinity: all its expressions; an empty term matches nothing. */
export function matchesTerm(node: Node, term: NodeSelectorTerm): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = selectorOf(matchExpressions.map((one) => ({ ...one, values: one.values ?? [] })));
  const fields = selectorOf(matchFields.map((one) => ({ ...one, values: one.values ?? [] })));
  return (
    labels.matches(node.metadata.labels) && fields.matches({ 'metadata.name': node.metadata.name })
  );
}

/** Refuses nodes that the pod's node selector or required node affinity does not name. */
export function nodeAffinity(pod: Pod, { node }: Pick<Candidate, 'node'>): readonly string[] {
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const matches =
    hasLabels(node, pod.spec.nodeSelector) &&
    (required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(node, term)));
  return matches ? [] : [SELECTOR];
}

function taints(pod: Pod, { node }: Candidate): readonly string[] {
  const tolerations = pod.spec.tolerations ?? [];
  const offending = (node.spec?.taints ?? []).find(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' &&
      !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
  if (offending === undefined) return [];
  return [`node(s) had untolerated taint {${offending.key}: ${offending.value ?? ''}}`];
}

/** A cordoned node takes only pods that tolerate being on one. */
function cordon(pod: Pod, { node }: Candidate): readonly string[] {
  if (node.spec?.unschedulable !== true) return [];
  const taint: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  const isTolerated = (pod.spec.tolerations ?? []).some((one) => tolerates(one, taint));
  return isTolerated ? [] : ['node(s) were unschedulable'];
}

function hostPorts(pod: Pod): string[] {
  return pod.spec.containers
    .flatMap(({ ports }) => ports ?? [])
    .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
    .map(({ hostPort, protocol }) => `${protocol ?? 'TCP'}/${hostPort ?? 0}`);
}

function ports(pod: Pod, { pods }: Candidate): readonly string[] {
  const wanted = new Set(hostPorts(pod));
  const isTaken =
    wanted.size > 0 && pods.some((other) => hostPorts(other).some((port) => wanted.has(port)));
  return isTaken ? ["node(s) didn't have free ports for the requested pod ports"] : [];
}

function resources(pod: Pod, candidate: Candidate): readonly string[] {
  const allocatable = candidate.node.status?.allocatable ?? {};
  const short = requestedResources(pod).filter((resource) => {
    const total = addQuantities(usedOf(candidate, resource), podRequest(pod, resource));
    return compareQuantities(total, parseQuantity(allocatable[resource] ?? '0')) > 0;
  });
  const room = Number(allocatable['pods'] ?? 110);
  return [
    ...(candidate.pods.length >= room ? ['Too many pods'] : []),
    ...short.map((resource) => `Insufficient ${resource}`),
  ];
}

/** In the order in which they speak: the first that refuses gives the reason. */
export const filters: readonly Filter[] = [
  cordon,
  taints,
  nodeAffinity,
  ports,
  interPodFailures,
  resources,
];
