import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../../../clock/index.ts';
import type { Client } from '../../../client/index.ts';
import { kinds, type AnyObject, type KindDefinition } from '../../../kube/index.ts';
import { openSqliteStore, type Store } from '../../../store/index.ts';
import { AdmissionChain, type AdmissionPlugin } from '../../admission/index.ts';
import { loopbackUser } from '../../authentication/user.ts';
import { createLocalClient } from '../../local-client.ts';
import { Catalog, type ServedKind } from '../catalog.ts';
import type { Call, Target } from '../context.ts';
import { Registry } from '../registry.ts';
import { SubresourceTable } from '../subresources/table.ts';

/** A registry over a real store, on a clock that tests turn, for tests. */
export interface TestRegistry {
  readonly registry: Registry;
  readonly client: Client;
  readonly store: Store;
  readonly clock: FakeClock;
  kind(plural: string): ServedKind;
  target(plural: string, name: string): Target;
  /** A call, and the warnings it got. */
  call(options?: Partial<Call>): Call & { readonly warnings: string[] };
  create(object: Partial<AnyObject> & { kind: string }): Promise<AnyObject>;
  /** Everything stored, as text: to see that nothing changed. */
  contents(): Promise<string>;
  close(): Promise<void>;
}

function namespaceOf(kind: KindDefinition): string | undefined {
  return kind.namespaced ? 'default' : undefined;
}

export async function openTestRegistry(
  plugins: readonly AdmissionPlugin[] = [],
): Promise<TestRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'portolan-registry-'));
  const store = openSqliteStore({ path: join(directory, 'store.db') });
  const clock = new FakeClock(Date.parse('2026-11-21T08:00:00Z'));
  const catalog = new Catalog(kinds);
  const subresources = new SubresourceTable(() => Promise.reject(new Error('no tokens here')));
  const admission = new AdmissionChain(plugins);
  const registry = new Registry({ store, clock, catalog, admission }, subresources);
  const find = (wanted: (kind: KindDefinition) => boolean): ServedKind => {
    const kind = catalog.kinds().find(({ definition }) => wanted(definition));
    if (kind === undefined) throw new Error('no such kind');
    return kind;
  };
  const call: TestRegistry['call'] = (options = {}) => {
    const warnings: string[] = [];
    const warn = (text: string): void => void warnings.push(text);
    const base = { user: loopbackUser, dryRun: false, fieldValidation: 'Ignore', warn } as const;
    return { ...base, ...options, warnings };
  };
  const kindNamed = (plural: string): ServedKind => find((kind) => kind.plural === plural);
  return {
    registry,
    client: createLocalClient(registry),
    store,
    clock,
    kind: kindNamed,
    target(plural, name) {
      const kind = kindNamed(plural);
      return { kind, namespace: namespaceOf(kind.definition), name };
    },
    call,
    create(object) {
      const kind = find((one) => one.kind === object.kind);
      const namespace = namespaceOf(kind.definition);
      return registry.create({ kind, namespace, object: object as AnyObject, call: call() });
    },
    async contents() {
      const { objects } = await store.list({ prefix: '/' });
      return JSON.stringify(objects);
    },
    async close() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** Metadata of a test object. */
export function named(
  name: string,
  more: Partial<AnyObject['metadata']> = {},
): AnyObject['metadata'] {
  return { name, ...more };
}

/** A ConfigMap, the plainest of kinds. */
export function configMap(name: string, more: Partial<AnyObject['metadata']> = {}): AnyObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: named(name, more),
    data: { key: 'value' },
  };
}

/** A pod that is valid; on a node when one is named. */
export function pod(name: string, nodeName?: string): AnyObject {
  const containers = [{ name: 'main', image: 'busybox' }];
  const spec = { containers, ...(nodeName === undefined ? {} : { nodeName }) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: named(name), spec };
}

export function deployment(name: string, replicas: number): AnyObject {
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'nginx' }] },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: named(name),
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}
