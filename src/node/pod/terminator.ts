import type { Pod } from '../../kube/index.ts';
import type { ContainerStatus } from '../../runtime/index.ts';
import type { ProbeTarget } from '../probe/target.ts';
import type { NodeContext } from '../context.ts';
import { abortable } from './abortable.ts';
import { fieldPath } from './field-path.ts';
import { runHook } from './hooks.ts';
import { isRunning, type ContainerRecord } from './records.ts';

export interface Termination {
  readonly pod: Pod;
  readonly records: readonly ContainerRecord[];
  /** Milliseconds since the epoch at which whatever still runs is killed. */
  readonly deadline: number;
  /** For the Killing event; `Stopping container NAME` when absent. */
  readonly message?: string;
  /** Aborted when nobody waits for the hooks any more: they were overtaken by a shorter grace. */
  readonly hurry: AbortSignal;
  /** Aborted when the daemon ends: the containers go on, and the next daemon ends them. */
  readonly closing: AbortSignal;
  targetOf(record: ContainerRecord): ProbeTarget;
  /** Hears of each container that has ended. */
  ended(record: ContainerRecord, status: ContainerStatus): void;
}

async function preStop(
  context: NodeContext,
  { container }: ContainerRecord,
  { how, target, timeoutMs }: { how: Termination; target: ProbeTarget; timeoutMs: number },
): Promise<void> {
  const handler = container.lifecycle?.preStop;
  if (handler === undefined || timeoutMs <= 0) return;
  const signal = AbortSignal.any([how.hurry, how.closing]);
  const problem = await runHook(handler, target, { timeoutMs, signal });
  how.closing.throwIfAborted();
  if (problem === undefined) return;
  context.events.event(how.pod, {
    type: 'Warning',
    reason: 'FailedPreStopHook',
    message: `PreStopHook failed: ${problem}`,
    fieldPath: fieldPath(how.pod, container),
  });
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
    message: how.message ?? `Stopping container ${container.name}`,
    fieldPath: fieldPath(how.pod, container),
  });
  const left = (): number => Math.max(0, how.deadline - context.clock.now());
  await preStop(context, record, { how, target: how.targetOf(record), timeoutMs: left() });
  const graceSeconds = how.hurry.aborted ? 0 : left() / 1000;
  const stopped = context.runtime.stop(current.id, graceSeconds);
  how.ended(record, await abortable(stopped, how.closing));
}

/**
 * Ends the main containers together, then the sidecars one by one in reverse order (KEP-753).
 * @throws the reason of `closing` when the daemon ends meanwhile
 */
export async function endContainers(context: NodeContext, how: Termination): Promise<void> {
  const isSidecar = ({ role }: ContainerRecord): boolean => role === 'sidecar';
  await Promise.all(
    how.records
      .filter((record) => !isSidecar(record))
      .map((record) => endOne(context, record, how)),
  );
  for (const record of how.records.filter(isSidecar).reverse()) await endOne(context, record, how);
}
