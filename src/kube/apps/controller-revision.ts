import { ageColumn, column, nameColumn, none } from '../columns.ts';
import { checkImmutable, checkNotNegative, checkPresent } from '../checks.ts';
import { FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';
import { controllerOf } from '../owner.ts';

/** `apps/v1 ControllerRevision`: one past template of a DaemonSet or StatefulSet. */
export interface ControllerRevision extends KubeObject {
  data?: unknown;
  revision: number;
}

function controllerText(object: ControllerRevision): string {
  const owner = controllerOf(object);
  if (owner === undefined) return none;
  const [group = ''] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : [];
  const kind = owner.kind.toLowerCase();
  return `${group === '' ? kind : `${kind}.${group}`}/${owner.name}`;
}

export const controllerRevisionKind: KindDefinition<ControllerRevision> = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.ControllerRevision',
  hasStatus: false,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Controller', 'Whose revision it is.', controllerText),
    column('Revision', 'Its number.', ({ revision }) => revision, { type: 'integer' }),
    ageColumn,
  ],
  defaults: (object) => {
    object.revision ??= 0;
  },
  validate: ({ data, revision }, path) => [
    ...checkPresent(path.child('data'), data, 'data is mandatory'),
    ...checkNotNegative(path.child('revision'), revision),
  ],
  validateUpdate: (next, previous) =>
    checkImmutable(new FieldPath('data'), next.data, previous.data),
};
