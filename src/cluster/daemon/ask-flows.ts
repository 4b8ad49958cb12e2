import { request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { Fault } from '../../fault/index.ts';
import { places, type ClusterDirectories } from '../directories.ts';
import { askDaemon } from './control.ts';
import type { NodeProof } from './messages.ts';
import type { FlowReport, StreamedFlow } from './serve-flows.ts';

/** The running cluster's drops. @throws as {@link askDaemon} */
export async function recentFlows(directories: ClusterDirectories): Promise<FlowReport> {
  return (await askDaemon(directories, 'GET', '/flows')) as FlowReport;
}

/** A node takes some seconds to find out that packets go astray, each way and family after the other. */
const PROOF_LIMIT_MS = 60_000;

/** Tries on each node of the running cluster whether policies work. @throws as {@link askDaemon} */
export async function provePolicies(
  directories: ClusterDirectories,
): Promise<readonly NodeProof[]> {
  const answer = await askDaemon(directories, 'POST', '/prove-policies', PROOF_LIMIT_MS);
  return answer as readonly NodeProof[];
}

/**
 * The running cluster's flows from now on, until `signal` or the daemon ends it. `onOpen` is called when nothing can be missed any more.
 * @throws Fault `CLUSTER_NOT_RUNNING` when nobody listens
 */
export async function* followFlows(
  directories: ClusterDirectories,
  options: {
    readonly isDroppedOnly: boolean;
    readonly signal: AbortSignal;
    readonly onOpen?: () => void;
  },
): AsyncGenerator<StreamedFlow> {
  const { isDroppedOnly, signal, onOpen } = options;
  const path = `/flows/stream${isDroppedOnly ? '?dropped' : ''}`;
  try {
    const response = await open(directories, path, signal);
    onOpen?.();
    for await (const line of createInterface({ input: response })) {
      yield JSON.parse(line) as StreamedFlow;
    }
  } catch (error) {
    if (!signal.aborted && !isReset(error)) throw error;
  }
}

/** What is read of an answer that a process left unfinished when it ended. */
function isReset(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ECONNRESET';
}

function open(
  directories: ClusterDirectories,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const socketPath = places.socket(directories);
  return new Promise((resolve, reject) => {
    request({ socketPath, path, signal }, resolve)
      .once('error', (cause) => {
        const message = `cluster "${directories.name}" is not running`;
        reject(new Fault({ code: 'CLUSTER_NOT_RUNNING', message, cause }));
      })
      .end();
  });
}
