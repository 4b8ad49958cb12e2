import type { DeleteOptions } from '../../../client/index.ts';
import { deleteObject } from '../delete.ts';
import { success, type Subresource } from './subresource.ts';

/** Deletes a pod as `kubectl drain` does. Budgets are not kept: PodDisruptionBudget is not served. */
export const eviction: Subresource = {
  name: 'eviction',
  body: { group: 'policy', version: 'v1', kind: 'Eviction' },
  verbs: ['create'],
  async create(context, { target, call, object }) {
    const options = (object['deleteOptions'] ?? {}) as DeleteOptions & { dryRun?: unknown };
    const dryRun = call.dryRun || (Array.isArray(options.dryRun) && options.dryRun.includes('All'));
    await deleteObject(context, { ...target, options, call: { ...call, dryRun } });
    return success();
  },
};
