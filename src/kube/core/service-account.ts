import { ageColumn, column, nameColumn } from '../columns.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject, ObjectReference } from '../meta.ts';
import type { LocalObjectReference } from './object-references.ts';

export interface ServiceAccount extends KubeObject {
  secrets?: ObjectReference[];
  imagePullSecrets?: LocalObjectReference[];
  automountServiceAccountToken?: boolean;
}

export const serviceAccountKind: KindDefinition<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  namespaced: true,
  hasStatus: false,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Secrets', 'How many secrets it names.', ({ secrets }) => secrets?.length ?? 0, {
      type: 'integer',
    }),
    ageColumn,
  ],
};
