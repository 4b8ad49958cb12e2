import type { Direction, DirectionReason, PolicyRef } from '../../policy/index.ts';

/** One end of a flow. */
export interface FlowEnd {
  readonly address: string;
  readonly pod?: { readonly namespace: string; readonly name: string };
  /** The node whose own address it is. */
  readonly node?: string;
}

/** A connection that was tried: addresses and ports are those after translation, the pods' own. */
interface Flow {
  /** RFC 3339, of its last packet that was told of. */
  readonly time: string;
  /** The node that saw it. */
  readonly onNode: string;
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  /** `TCP`, `UDP`, `SCTP`, `ICMP`, or the protocol's number. */
  readonly protocol: string;
  /** The destination's; 0 for protocols without ports. */
  readonly port: number;
}

/** A flow that was not admitted; the same one again is one more `count`. */
export interface DroppedFlow extends Flow {
  readonly verdict: 'dropped';
  /** Which end did not admit it: egress is the source's, ingress the destination's. */
  readonly direction: Direction;
  /** As of when it was dropped. */
  readonly reason: DirectionReason;
  /** Those that isolate that end in this direction. */
  readonly policies: readonly PolicyRef[];
  /** Packets that were told of, first attempts and repetitions; the node's counters have all. */
  readonly count: number;
  readonly firstTime: string;
}

/** A flow that began. */
export interface AdmittedFlow extends Flow {
  readonly verdict: 'admitted';
  /** Where the client sent it, when that is a Service's address. */
  readonly through?: { readonly address: string; readonly port: number };
}

/** Packets dropped on one node since its rules were first made. */
export interface NodeDrops {
  readonly node: string;
  readonly egress: number;
  readonly ingress: number;
}

/** What became of connections: where `portolan flows` has its knowledge from. */
export interface Flows {
  /** The drops of late, the latest last; at most a thousand, those least recently seen are forgotten. */
  drops(): readonly DroppedFlow[];
  /** Calls `listener` for each drop that is told of. @returns how to take it off again */
  onDrop(listener: (flow: DroppedFlow) => void): () => void;
  /** Calls `listener` for each new connection; costs nothing while nobody listens. @returns how to take it off again */
  onAdmitted(listener: (flow: AdmittedFlow) => void): () => void;
  /** The kernel's own counters: every packet, told of or not. @throws NetlinkError. */
  totals(): readonly NodeDrops[];
}
