import { messageOf } from '../../fault/index.ts';
import type { LifecycleHandler } from '../../kube/index.ts';
import { runProbe } from '../probe/prober.ts';
import type { ProbeTarget } from '../probe/target.ts';

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
  });
}

/**
 * Runs a lifecycle hook (core/v1 LifecycleHandler) within `timeoutMs`.
 * @returns what went wrong, or undefined.
 */
export async function runHook(
  handler: LifecycleHandler,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<string | undefined> {
  const { sleep } = handler as { sleep?: { seconds: number } };
  if (sleep !== undefined) {
    await pause(Math.min(sleep.seconds, timeoutMs / 1000));
    return undefined;
  }
  try {
    const probe = { ...handler, timeoutSeconds: Math.max(1, timeoutMs / 1000) };
    const { isHealthy, output } = await runProbe(probe, target);
    return isHealthy ? undefined : output;
  } catch (error) {
    return messageOf(error);
  }
}
