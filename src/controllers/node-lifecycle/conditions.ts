import { timestamp, type Clock } from '../../clock/index.ts';
import { conditionOf, type Condition, type Node } from '../../kube/index.ts';

/** What a node says of itself all the time, and what nobody knows any more when it falls silent. */
const reported = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

function unknownCondition(node: Node, type: string, clock: Clock): Condition {
  const existing = conditionOf(node.status?.conditions, type);
  const heartbeat = existing?.lastHeartbeatTime ?? node.metadata.creationTimestamp;
  return {
    type,
    status: 'Unknown',
    ...(existing === undefined
      ? { reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' }
      : { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }),
    ...(heartbeat === undefined ? {} : { lastHeartbeatTime: heartbeat }),
    lastTransitionTime: timestamp(clock),
  };
}

/** The conditions of a silent node, with the texts of kube-controller-manager; undefined when they say so already. */
export function silentConditions(node: Node, clock: Clock): Condition[] | undefined {
  const conditions = node.status?.conditions ?? [];
  const stale = reported.filter((type) => conditionOf(conditions, type)?.status !== 'Unknown');
  if (stale.length === 0) return undefined;
  const added = stale.filter((type) => conditionOf(conditions, type) === undefined);
  return [
    ...conditions.map((condition) =>
      stale.includes(condition.type) ? unknownCondition(node, condition.type, clock) : condition,
    ),
    ...added.map((type) => unknownCondition(node, type, clock)),
  ];
}
