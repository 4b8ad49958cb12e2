import type { Informer } from '../../client/index.ts';
import { conditionOf, type Lease, type Node } from '../../kube/index.ts';
import type { Countdowns } from './countdowns.ts';

const leaseNamespace = 'kube-node-lease';

/** `--node-monitor-grace-period` of kube-controller-manager: four heartbeats. */
const silenceMs = 40_000;
/** `--node-startup-grace-period`: for a node that never said anything. */
const startMs = 60_000;

function heartbeatOf({ status }: Node): string | undefined {
  return conditionOf(status?.conditions, 'Ready')?.lastHeartbeatTime;
}

/**
 * Knows which nodes are silent. A sign of life is a change of the node's Lease or of the heartbeat in its status; the times
 * written there are the node's and are never compared with the clock here. So silence begins when this process first
 * sees a node, however old its Lease is.
 */
export class Heartbeats {
  private readonly nodes: Informer<Node>;
  private readonly countdowns: Countdowns;
  private readonly onBack: (node: string) => void;

  constructor(nodes: Informer<Node>, countdowns: Countdowns, onBack: (node: string) => void) {
    this.nodes = nodes;
    this.countdowns = countdowns;
    this.onBack = onBack;
  }

  isSilent(node: string): boolean {
    return this.countdowns.isOver(node);
  }

  nodeChanged(previous: Node | undefined, next: Node | undefined): void {
    if (next === undefined) {
      this.countdowns.stop(previous?.metadata.name ?? '');
      return;
    }
    const heartbeat = heartbeatOf(next);
    const { name } = next.metadata;
    if (previous === undefined) {
      this.countdowns.restart(name, heartbeat === undefined ? startMs : silenceMs);
    } else if (heartbeat !== heartbeatOf(previous)) this.heard(name);
  }

  leaseChanged(previous: Lease | undefined, next: Lease | undefined): void {
    if (next === undefined || next.metadata.namespace !== leaseNamespace) return;
    const { name } = next.metadata;
    const isNews = previous?.spec?.renewTime !== next.spec?.renewTime;
    if (isNews && this.nodes.get(name) !== undefined) this.heard(name);
  }

  private heard(name: string): void {
    const wasSilent = this.isSilent(name);
    this.countdowns.restart(name, silenceMs);
    if (wasSilent) this.onBack(name);
  }
}
