import type { NodeContext } from '../context.ts';
import type { ProbeTarget } from '../probe/target.ts';
import { connectFrom } from './reach.ts';
import type { ContainerRecord } from './records.ts';

/** A container as its node's probes and hooks reach it. */
export function probeTarget(
  { kernel, netns, runtime }: NodeContext,
  record: ContainerRecord,
  podIP: string,
): ProbeTarget {
  return {
    container: record.container,
    podIP,
    connect: (host, port, signal) => connectFrom(kernel, netns, { host, port, signal }),
    exec: (command, timeoutMs) => runtime.execSync(record.current?.id ?? '', command, timeoutMs),
  };
}
