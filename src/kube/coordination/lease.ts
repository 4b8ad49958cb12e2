import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkNotNegative, checkPositive } from '../checks.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';

/** `coordination.k8s.io/v1 Lease`; the times have microseconds. */
export interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
    strategy?: string;
    preferredHolder?: string;
  };
}

export const leaseKind: KindDefinition<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  schema: 'io.k8s.api.coordination.v1.Lease',
  hasStatus: false,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Holder', 'Who holds the lease.', ({ spec }) => spec?.holderIdentity ?? ''),
    ageColumn,
  ],
  validate: ({ spec }, path) => [
    ...checkPositive(path.child('spec', 'leaseDurationSeconds'), spec?.leaseDurationSeconds),
    ...checkNotNegative(path.child('spec', 'leaseTransitions'), spec?.leaseTransitions),
  ],
};
