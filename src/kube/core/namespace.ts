import { ageColumn, column, nameColumn } from '../columns.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject } from '../meta.ts';
import { dns1123Label } from '../names.ts';

export interface Namespace extends KubeObject {
  /** The finalizer `kubernetes` holds the namespace until everything in it is gone. */
  spec?: { finalizers?: string[] };
  status?: { phase?: 'Active' | 'Terminating'; conditions?: Condition[] };
}

/** Carries the namespace's own name, so that selectors can name single namespaces (KEP-2161). */
export const namespaceNameLabel = 'kubernetes.io/metadata.name';

export const namespaceKind: KindDefinition<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  schema: 'io.k8s.api.core.v1.Namespace',
  namespaced: false,
  hasStatus: true,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Status', 'Active, or Terminating while its objects go.', statusOf),
    ageColumn,
  ],
  fields: { 'status.phase': statusOf },
  defaults: ({ metadata }) => {
    if (metadata.name === undefined || metadata.name === '') return;
    metadata.labels = { ...metadata.labels, [namespaceNameLabel]: metadata.name };
  },
  prepareCreate: (namespace) => {
    const finalizers = new Set(namespace.spec?.finalizers).add('kubernetes');
    namespace.spec = { finalizers: [...finalizers] };
    namespace.status = { phase: 'Active' };
  },
  /** Finalizers leave through the finalize subresource only. */
  prepareUpdate: (next, previous) => {
    next.spec = previous.spec;
    next.status = previous.status;
  },
  validateName: dns1123Label,
};

function statusOf({ status }: Namespace): string {
  return status?.phase ?? '';
}
