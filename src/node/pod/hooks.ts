import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../fault/index.ts';
import type { LifecycleHandler } from '../../kube/index.ts';
import { runHandler } from '../probe/prober.ts';
import type { ProbeTarget } from '../probe/target.ts';

/**
 * Runs a lifecycle hook (core/v1 LifecycleHandler) for at most `timeoutMs`, or until `signal` is aborted.
 * @returns what went wrong, or undefined.
 */
export async function runHook(
  handler: LifecycleHandler,
  target: ProbeTarget,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { sleep, ...action } = handler;
  try {
    if (sleep !== undefined) {
      await pause(Math.min(sleep.seconds * 1000, timeoutMs), undefined, { signal });
      return undefined;
    }
    const { isHealthy, output } = await runHandler(action, target, { timeoutMs, signal });
    return isHealthy ? undefined : output;
  } catch (error) {
    return messageOf(error);
  }
}
