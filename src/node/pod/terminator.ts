import type { Pod } from '../../kube/index.ts';
import type { ProbeTarget } from '../probe/target.ts';
import type { NodeContext } from '../context.ts';
import { fieldPath } from './container-starter.ts';
import { runHook } from './hooks.ts';
import { isRunning, type ContainerRecord } from './records.ts';

export interface Termination {
  readonly pod: Pod;
  readonly records: readonly ContainerRecord[];
  /** Milliseconds since the epoch at which whatever still runs is killed. */
  readonly deadline: number;
  targetOf(record: ContainerRecord): ProbeTarget;
}

/** Ends one container: preStop, the stop signal, and SIGKILL at the deadline. */
async function endOne(
  context: NodeContext,
  record: ContainerRecord,
  how: Termination,
): Promise<void> {
  const { current, container } = record;
  if (current === undefined || !isRunning(record)) return;
  context.events.event(how.pod, {
    type: 'Normal',
    reason: 'Killing',
    message: `Stopping container ${container.name}`,
    fieldPath: fieldPath(how.pod, container),
  });
  const left = (): number => Math.max(0, how.deadline - context.clock.now());
  const { preStop } = container.lifecycle ?? {};
  if (preStop !== undefined && left() > 0) {
    const problem = await runHook(preStop, how.targetOf(record), left());
    if (problem !== undefined) {
      context.events.event(how.pod, {
        type: 'Warning',
        reason: 'FailedPreStopHook',
        message: `PreStopHook failed: ${problem}`,
        fieldPath: fieldPath(how.pod, container),
      });
    }
  }
  record.current = await context.runtime.stop(current.id, left() / 1000);
}

/** Ends the main containers together, then the sidecars one by one in reverse order (KEP-753). */
export async function endContainers(context: NodeContext, how: Termination): Promise<void> {
  const isSidecar = ({ role }: ContainerRecord): boolean => role === 'sidecar';
  await Promise.all(
    how.records
      .filter((record) => !isSidecar(record))
      .map((record) => endOne(context, record, how)),
  );
  for (const record of how.records.filter(isSidecar).reverse()) await endOne(context, record, how);
}
