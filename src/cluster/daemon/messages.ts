import type { ImagePolicy } from '../../runtime/index.ts';
import type { StepEvent } from '../progress.ts';

/** What the command line and the daemon say to each other; JSON all over. */

/** A published port: where the host finds it, and what it leads to. */
export interface PublishedPort {
  readonly service: string;
  readonly protocol: 'TCP' | 'UDP';
  readonly address: string;
  readonly port: number;
  /** The Service says that TLS is spoken there, by the port's number, name or `appProtocol`. */
  readonly isTls?: boolean;
}

export interface NodeSummary {
  readonly name: string;
  /** On the cluster's own network. */
  readonly internalIP: string;
  /** On the host's loopback. */
  readonly loopback: string;
  readonly isReady: boolean;
}

/** A container that runs no image of its own. */
export interface StandInSummary {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly image: string;
}

/** Whether policies work on a node, tried with real packets. */
export interface NodeProof {
  readonly node: string;
  /** What went otherwise; absent when they work. */
  readonly failure?: string;
}

/** `GET /status` on the daemon's socket. */
export interface DaemonStatus {
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly apiServer: string;
  readonly images: ImagePolicy;
  readonly cni: { readonly name: string; readonly policyEnforcement: boolean };
  readonly nodes: readonly NodeSummary[];
  readonly pods: { readonly total: number; readonly ready: number };
  readonly standIns: readonly StandInSummary[];
  readonly ports: readonly PublishedPort[];
  /** Ports that could not be published, what the network lacks: each with the reason. */
  readonly problems: readonly string[];
}

/** What the daemon writes to its start pipe, one JSON text a line. */
export type StartMessage =
  | { readonly kind: 'step'; readonly event: StepEvent }
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly advice?: string;
    };

/** What a kubeconfig needs to know: PEM texts. */
export interface ClusterAccess {
  readonly server: string;
  readonly certificateAuthority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}
