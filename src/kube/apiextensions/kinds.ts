import { anyKind } from '../any-kind.ts';
import type { KindDefinition } from '../kind.ts';
import { customResourceDefinitionKind } from './custom-resource-definition.ts';

/** The kinds of apiextensions.k8s.io. */
export const apiextensionsKinds: readonly KindDefinition[] = [
  anyKind(customResourceDefinitionKind),
];
