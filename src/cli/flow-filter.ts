import type { StreamedFlow } from '../cluster/index.ts';

/** Whose flows are wanted: one of the two ends has to be it. */
export interface FlowFilter {
  readonly namespace?: string;
  /** The name of a pod. */
  readonly pod?: string;
}

/** Whether a flow begins or ends at a pod that is meant; every flow does when none is named. */
export function isWanted(
  { namespace, pod }: FlowFilter,
  { source, destination }: StreamedFlow,
): boolean {
  if (namespace === undefined && pod === undefined) return true;
  return [source.pod, destination.pod].some(
    (end) =>
      end !== undefined &&
      (namespace === undefined || end.namespace === namespace) &&
      (pod === undefined || end.name === pod),
  );
}

/**
 * Whether a flow of the stream is among those that were reported when the stream was open already: a drop that is
 * repeated comes again with a later time.
 */
export function isKnown(reported: readonly StreamedFlow[], flow: StreamedFlow): boolean {
  const key = keyOf(flow);
  return reported.some((one) => one.time >= flow.time && keyOf(one) === key);
}

function keyOf(flow: StreamedFlow): string {
  const { onNode, verdict, source, destination, protocol, port } = flow;
  const direction = flow.verdict === 'dropped' ? flow.direction : '';
  return [onNode, verdict, direction, source.address, destination.address, protocol, port].join(
    ' ',
  );
}
