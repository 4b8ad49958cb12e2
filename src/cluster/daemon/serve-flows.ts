import type { ServerResponse } from 'node:http';
import type { AdmittedFlow, DroppedFlow, Flows, NodeDrops } from '../../node/index.ts';

/** `GET /flows` on the daemon's socket: drops of late, and what the kernels counted. */
export interface FlowReport {
  /** The latest last. */
  readonly drops: readonly DroppedFlow[];
  readonly totals: readonly NodeDrops[];
  /** False where the pods' network has no policies: nothing is ever dropped then. */
  readonly isEnforced: boolean;
}

/** One line of `GET /flows/stream`. */
export type StreamedFlow = DroppedFlow | AdmittedFlow;

export function flowReport(flows: Flows | undefined): FlowReport {
  if (flows === undefined) return { drops: [], totals: [], isEnforced: false };
  return { drops: flows.drops(), totals: flows.totals(), isEnforced: true };
}

/** Answers with a JSON text a line, for each flow from now on, until the client goes. */
export function streamFlows(
  flows: Flows | undefined,
  isDroppedOnly: boolean,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  // Whoever waits for it may act now and miss nothing.
  response.flushHeaders();
  const write = (flow: StreamedFlow): void => void response.write(`${JSON.stringify(flow)}\n`);
  const stops = [flows?.onDrop(write), isDroppedOnly ? undefined : flows?.onAdmitted(write)];
  response.once('close', () => {
    for (const stop of stops) stop?.();
  });
}
