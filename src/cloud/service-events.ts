import type { EventRecorder } from '../client/index.ts';
import { Fault, messageOf } from '../fault/index.ts';
import { keyOf, type Service } from '../kube/index.ts';
import type { UnservedPort } from './desired-balancer.ts';
import { specChanges } from './spec-changes.ts';

const explanations: Record<UnservedPort['error'], string> = {
  NodePortMissing:
    'it has no node port; set allocateLoadBalancerNodePorts to true, or give the port a nodePort',
  ProtocolNotSupported: 'the load balancer forwards TCP and UDP only',
};

/** Why a port is not served, for people. */
export function explainUnserved({ port, protocol, error }: UnservedPort): string {
  return `port ${port}/${protocol} is not served: ${explanations[error]}`;
}

/** An error with what to do about it. */
export function explainError(error: unknown): string {
  const advice = error instanceof Fault && error.advice !== undefined ? ` ${error.advice}` : '';
  return `${messageOf(error)}.${advice}`;
}

/** What people should know of a load balancer that works otherwise. */
export interface Warning {
  readonly reason: 'AnnotationIgnored' | 'PortNotServed' | 'PublishFailed';
  readonly message: string;
}

export function warningsOf(found: {
  /** Of annotations. */
  readonly complaints: readonly string[];
  readonly unserved: readonly UnservedPort[];
  /** Of publishing on the host. */
  readonly faults: readonly Fault[];
}): Warning[] {
  return [
    ...found.complaints.map((message) => ({ reason: 'AnnotationIgnored', message }) as const),
    ...found.unserved.map(
      (port) => ({ reason: 'PortNotServed', message: explainUnserved(port) }) as const,
    ),
    ...found.faults.map(
      (fault) => ({ reason: 'PublishFailed', message: explainError(fault) }) as const,
    ),
  ];
}

/** Events of Services, with the reasons and messages of Kubernetes' own service controller. */
export class ServiceEvents {
  private readonly recorder: EventRecorder;
  /** Warnings told already, by Service: they are told once for as long as they hold. */
  private readonly told = new Map<string, ReadonlySet<string>>();

  constructor(recorder: EventRecorder) {
    this.recorder = recorder;
  }

  /** Tells what changed of the load balancer's spec. */
  changed(previous: Service, next: Service): void {
    for (const { reason, message } of specChanges(previous, next)) {
      this.normal(next, reason, message);
    }
  }

  ensuring(service: Service): void {
    this.normal(service, 'EnsuringLoadBalancer', 'Ensuring load balancer');
  }

  ensured(service: Service): void {
    this.normal(service, 'EnsuredLoadBalancer', 'Ensured load balancer');
  }

  updated(service: Service): void {
    this.normal(service, 'UpdatedLoadBalancer', 'Updated load balancer with new hosts');
  }

  deleting(service: Service): void {
    this.normal(service, 'DeletingLoadBalancer', 'Deleting load balancer');
  }

  deleted(service: Service): void {
    this.normal(service, 'DeletedLoadBalancer', 'Deleted load balancer');
  }

  noNodes(service: Service): void {
    const message = 'There are no available nodes for LoadBalancer';
    this.warning(service, 'UnAvailableLoadBalancer', message);
  }

  failed(service: Service, error: unknown): void {
    const message = `Error syncing load balancer: ${explainError(error)}`;
    this.warning(service, 'SyncLoadBalancerFailed', message);
  }

  /** Tells those of the warnings that were not told the last time. */
  warn(service: Service, warnings: readonly Warning[]): void {
    const key = keyOf(service);
    const before = this.told.get(key);
    this.told.set(key, new Set(warnings.map(({ message }) => message)));
    for (const { reason, message } of warnings) {
      if (before?.has(message) !== true) this.warning(service, reason, message);
    }
  }

  forget(key: string): void {
    this.told.delete(key);
  }

  /** Resolves when everything told is written. */
  flush(): Promise<void> {
    return this.recorder.flush();
  }

  private normal(service: Service, reason: string, message: string): void {
    this.recorder.event(service, { type: 'Normal', reason, message });
  }

  private warning(service: Service, reason: string, message: string): void {
    this.recorder.event(service, { type: 'Warning', reason, message });
  }
}
