import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../clock/index.ts';
import type { Kernel, NamespacePath } from '../../kernel/index.ts';
import type { Node } from '../../kube/index.ts';
import { answerHealth, answerNotFound } from './answer.ts';
import { listenHttp, type HttpListener } from './http-listener.ts';
import type { ProxyHealth } from './proxy-health.ts';

/** Where kube-proxy answers (`--healthz-bind-address`), and load balancers of policy Cluster ask. */
const PORT = 10_256;
/** The cluster autoscaler's word that it is about to delete the node (KEP-3836). */
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler';

export interface NodeHealthOptions {
  readonly kernel: Kernel;
  readonly netns: NamespacePath;
  readonly clock: Clock;
  readonly proxy: ProxyHealth;
  /** The node's object as last seen; `undefined` before that. */
  readonly node: () => Pick<Node, 'metadata' | 'spec'> | undefined;
}

/**
 * Answers whether this node may be sent traffic (row 14). `/healthz` is 503 also while the node is being deleted, so
 * that balancers drain it; `/livez` is about the proxy alone: restarting it would not save the node.
 * @throws Fault when the port cannot be had.
 */
export function serveNodeHealth(options: NodeHealthOptions): HttpListener {
  const { kernel, netns } = options;
  return listenHttp({
    kernel,
    netns,
    port: PORT,
    answer: (request, response) => answer(options, request, response),
  });
}

function answer(
  { clock, proxy, node }: NodeHealthOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [path] = (request.url ?? '').split('?');
  const times = {
    lastUpdated: timeText(proxy.lastUpdated),
    currentTime: timeText(clock.now()),
  };
  if (path === '/healthz') {
    const nodeEligible = isEligible(node());
    answerHealth(response, proxy.isHealthy && nodeEligible, { body: { ...times, nodeEligible } });
  } else if (path === '/livez') {
    answerHealth(response, proxy.isHealthy, { body: times });
  } else {
    answerNotFound(response);
  }
}

/** A node that nothing is known of yet is eligible, as for kube-proxy. */
function isEligible(node: Pick<Node, 'metadata' | 'spec'> | undefined): boolean {
  const isDeleted = node?.metadata.deletionTimestamp !== undefined;
  const isMarked = node?.spec.taints?.some(({ key }) => key === TO_BE_DELETED) ?? false;
  return !isDeleted && !isMarked;
}

/** RFC 3339; Go's zero time for never. */
function timeText(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '0001-01-01T00:00:00Z' : new Date(milliseconds).toISOString();
}
