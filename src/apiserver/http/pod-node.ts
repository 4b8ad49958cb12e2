import { ApiError, badRequest, type AnyObject } from '../../kube/index.ts';
import type { NodeApi } from '../../node/index.ts';
import type { Target } from '../registry/context.ts';
import type { Environment } from './environment.ts';

/**
 * Finds the agent of the node that a pod is on.
 * @throws ApiError `NotFound`, `BadRequest` for a pod without a node, `ServiceUnavailable` when its agent is not running.
 */
export async function nodeOfPod(environment: Environment, target: Target): Promise<NodeApi> {
  const pod: AnyObject & { spec?: { nodeName?: string } } = await environment.registry.get(target);
  const { nodeName = '' } = pod.spec ?? {};
  if (nodeName === '') throw badRequest(`pod ${target.name} does not have a host assigned`);
  const node = environment.nodeApi(nodeName);
  if (node === undefined) {
    throw new ApiError('ServiceUnavailable', `the agent of node ${nodeName} is not running`);
  }
  return node;
}
