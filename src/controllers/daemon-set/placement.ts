import { tolerates, type DaemonSet, type Node, type Pod, type Taint } from '../../kube/index.ts';
import { nodeAffinity } from '../scheduler/filters.ts';
import { daemonPod } from './daemon-pod.ts';

/** What a node means for a DaemonSet. */
export interface Placement {
  readonly shouldRun: boolean;
  /** Of a pod that is there already: a taint NoSchedule keeps new pods away and leaves the old ones. */
  readonly mayStay: boolean;
}

const nowhere: Placement = { shouldRun: false, mayStay: false };

function untolerated(pod: Pod, node: Node): Taint[] {
  const { tolerations = [] } = pod.spec;
  return (node.spec?.taints ?? [])
    .filter(({ effect }) => effect !== 'PreferNoSchedule')
    .filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
}

/** Whether the set wants a pod on the node. */
export function placementOf(set: DaemonSet, node: Node): Placement {
  const { template } = set.spec;
  const { name } = node.metadata;
  if ((template.spec.nodeName ?? name) !== name) return nowhere;
  const pod = daemonPod(set, name, '');
  // The pod itself names the node; what the user wished is in the template.
  if (nodeAffinity({ ...pod, spec: template.spec }, { node }).length > 0) return nowhere;
  const taints = untolerated(pod, node);
  return {
    shouldRun: taints.length === 0,
    mayStay: !taints.some(({ effect }) => effect === 'NoExecute'),
  };
}
