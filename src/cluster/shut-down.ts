import type { InformerSet } from '../client/index.ts';
import { podKind } from '../kube/index.ts';
import type { ContainerRuntime } from '../runtime/index.ts';

/** A stopped cluster is wanted back soon: nobody waits thirty seconds for a `sleep` that ignores SIGTERM. */
const LONGEST_GRACE_SECONDS = 2;

/** Ends every container, each with its pod's grace but at most two seconds. */
export async function shutDownPods(
  runtime: ContainerRuntime,
  informers: InformerSet,
): Promise<void> {
  const grace = new Map(
    informers
      .of(podKind)
      .list()
      .map(({ metadata, spec }) => [metadata.uid ?? '', spec.terminationGracePeriodSeconds ?? 30]),
  );
  const running = (await runtime.list()).filter(({ state }) => state === 'running');
  await Promise.all(
    running.map(({ id, labels }) =>
      runtime.stop(id, Math.min(LONGEST_GRACE_SECONDS, grace.get(labels['podUid'] ?? '') ?? 0)),
    ),
  );
}
