import { microTimestamp, timestamp, type CancelTimer, type Clock } from '../clock/index.ts';
import {
  ApiError,
  conditionOf,
  leaseKind,
  nodeKind,
  type Lease,
  type Node,
} from '../kube/index.ts';
import type { Client } from '../client/index.ts';
import { nodeObject, nodeStatus, type NodeFacts } from './node-object.ts';

/** As the kubelet: a Lease renewed every ten seconds, held for forty. */
const RENEW_MS = 10_000;
const LEASE_SECONDS = 40;
const LEASE_NAMESPACE = 'kube-node-lease';

export interface HeartbeatOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly facts: NodeFacts;
  readonly log: (text: string) => void;
}

/** Registers a node and keeps its Lease fresh. */
export class Heartbeat {
  private readonly options: HeartbeatOptions;
  private cancel: CancelTimer = () => {};
  private isClosed = false;
  /** What keeps the node from being Ready, by who says so. */
  private readonly problems = new Map<string, string>();
  /** Reports follow one another: the last one says how it is. */
  private reported: Promise<void> = Promise.resolve();

  constructor(options: HeartbeatOptions) {
    this.options = options;
  }

  /** Creates the Node unless it is there, and writes its status. */
  async register(): Promise<void> {
    const { client, facts } = this.options;
    try {
      await client.create(nodeKind, nodeObject(facts));
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
    }
    await this.report();
  }

  /**
   * Notes what keeps the node from being Ready, in the words of a Ready condition; `undefined` takes back what the same
   * source said before. Once the node is registered, {@link report} tells the API.
   */
  note(source: string, problem: string | undefined): void {
    if (problem === undefined) this.problems.delete(source);
    else this.problems.set(source, problem);
  }

  /** Writes the node's status: Ready, or all that keeps it from being so. */
  report(): Promise<void> {
    this.reported = this.reported.catch(() => undefined).then(() => this.writeStatus());
    return this.reported;
  }

  private async writeStatus(): Promise<void> {
    const { client, clock, facts } = this.options;
    const node: Node = await client.get(nodeKind, { name: facts.name });
    const problems = [...this.problems.values()];
    const status = nodeStatus(facts, node, { now: timestamp(clock), problems });
    await client.patch(
      nodeKind,
      { name: facts.name, subresource: 'status' },
      { type: 'merge', body: { status } },
    );
  }

  /** Begins to renew the Lease. */
  async start(): Promise<void> {
    await this.beat();
  }

  private async beat(): Promise<void> {
    try {
      await this.renew();
      await this.contradict();
    } catch (error) {
      this.options.log(`cannot send the heartbeat of ${this.options.facts.name}: ${String(error)}`);
    }
    if (this.isClosed) return;
    this.cancel = this.options.clock.setTimer(RENEW_MS, () => void this.beat());
  }

  private async renew(): Promise<void> {
    const { client, clock, facts } = this.options;
    const spec = {
      holderIdentity: facts.name,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: microTimestamp(clock),
    };
    const ref = { name: facts.name, namespace: LEASE_NAMESPACE };
    try {
      await client.patch(leaseKind, ref, { type: 'merge', body: { spec } });
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'NotFound') throw error;
      const lease: Lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: facts.name, namespace: LEASE_NAMESPACE },
        spec,
      };
      await client.create(leaseKind, lease);
    }
  }

  /** Whoever heard nothing for a while wrote that nothing is known of this node: it says again how it is. */
  private async contradict(): Promise<void> {
    const { client, facts } = this.options;
    try {
      const { status } = await client.get(nodeKind, { name: facts.name });
      if (conditionOf(status?.conditions, 'Ready')?.status === 'Unknown') await this.report();
    } catch (error) {
      // A node that was deleted has nothing to say.
      if (!(error instanceof ApiError) || error.reason !== 'NotFound') throw error;
    }
  }

  close(): void {
    this.isClosed = true;
    this.cancel();
  }
}
