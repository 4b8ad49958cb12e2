import type { KindDefinition } from '../../../kube/index.ts';
import type { IssueToken } from '../../authentication/token-request.ts';
import { binding } from './binding.ts';
import { eviction } from './eviction.ts';
import { finalize } from './finalize.ts';
import { scale } from './scale.ts';
import { status } from './status.ts';
import type { Subresource } from './subresource.ts';
import { tokenSubresource } from './token.ts';

/** Served by the HTTP layer: they stream. */
const streaming: readonly Subresource[] = [
  {
    name: 'attach',
    body: { group: '', version: 'v1', kind: 'PodAttachOptions' },
    verbs: ['create', 'get'],
  },
  {
    name: 'exec',
    body: { group: '', version: 'v1', kind: 'PodExecOptions' },
    verbs: ['create', 'get'],
  },
  { name: 'log', verbs: ['get'] },
  {
    name: 'portforward',
    body: { group: '', version: 'v1', kind: 'PodPortForwardOptions' },
    verbs: ['create', 'get'],
  },
];

/** Finds the subresources of each kind. */
export class SubresourceTable {
  private readonly ofCore: Readonly<Record<string, readonly Subresource[]>>;

  constructor(issueToken: IssueToken) {
    this.ofCore = {
      namespaces: [finalize],
      pods: [binding, eviction, ...streaming],
      serviceaccounts: [tokenSubresource(issueToken)],
    };
  }

  /** Sorted by name, as discovery lists them. */
  of(kind: KindDefinition): readonly Subresource[] {
    const special = kind.group === '' ? (this.ofCore[kind.plural] ?? []) : [];
    return [
      ...special,
      ...(kind.scale === undefined ? [] : [scale]),
      ...(kind.hasStatus ? [status] : []),
    ].sort((one, two) => (one.name < two.name ? -1 : 1));
  }

  find(kind: KindDefinition, name: string): Subresource | undefined {
    return this.of(kind).find((subresource) => subresource.name === name);
  }
}
