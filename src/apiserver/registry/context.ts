import type { Clock } from '../../clock/index.ts';
import type { Store } from '../../store/index.ts';
import type { AdmissionChain } from '../admission/chain.ts';
import type { User } from '../authentication/user.ts';
import type { Catalog, ServedKind } from './catalog.ts';

/** What every operation of the registry works with. */
export interface RegistryContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly admission: Pick<AdmissionChain, 'admit'>;
}

/** How unknown and duplicate fields are met. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** Who calls, and how the write is meant. */
export interface Call {
  readonly user: User;
  /** True: everything happens but the write itself. */
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** Takes the text of a Warning header. */
  warn(text: string): void;
}

/** A collection: all objects of a kind, or those of one namespace. */
export interface Collection {
  readonly kind: ServedKind;
  /** Undefined for cluster-scoped kinds, and for all namespaces together. */
  readonly namespace: string | undefined;
}

/** One object, which may not exist. */
export interface Target extends Collection {
  readonly name: string;
}
