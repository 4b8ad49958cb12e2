import type { Client, EventRecorder, Informer } from '../client/index.ts';
import type { Clock } from '../clock/index.ts';
import type { KubeObject, Resource } from '../kube/index.ts';

/** Caches of the API, one for each resource, shared by all controllers of a process. */
export interface SharedInformers {
  of<T extends KubeObject>(resource: Resource<T>): Informer<T>;
}

/** What every controller is given. */
export interface ControllerContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly informers: SharedInformers;
  /** A recorder that signs with the component's name, e.g. `deployment-controller`. */
  events(component: string): EventRecorder;
  log(text: string): void;
}

/** A running reconcile loop. */
export interface Controller {
  readonly name: string;
  /** Stops; resolves when no reconciliation is in work any more. */
  close(): Promise<void>;
}

/** Starts one controller; it begins to work when its caches are synced. */
export type StartController = (context: ControllerContext) => Controller;
