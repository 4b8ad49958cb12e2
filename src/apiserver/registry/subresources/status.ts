import { getObject } from '../get.ts';
import { patchObject } from '../patch.ts';
import { updateObject } from '../update.ts';
import type { Subresource } from './subresource.ts';

/** Writes the status of an object and nothing else. */
export const status: Subresource = {
  name: 'status',
  verbs: ['get', 'patch', 'update'],
  get: (context, { target }) => getObject(context, target),
  update: (context, { target, call, object }) =>
    updateObject(context, { target, call, subresource: 'status', next: () => object }),
  patch: (context, { target, call, patch }) =>
    patchObject(context, { target, call, subresource: 'status', patch }),
};
