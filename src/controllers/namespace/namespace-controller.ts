import { keyOf, namespaceKind, podKind, type Namespace } from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { createIfMissing, isNotFound } from '../ensure.ts';
import type { ResourceCatalog } from '../resource-catalog.ts';
import { startLoop } from '../run.ts';
import { terminationConditions } from './conditions.ts';
import { emptyNamespace, type Remains } from './empty-namespace.ts';

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** What Kubernetes itself holds every namespace with. */
const finalizer = 'kubernetes';

/** Between two looks at a namespace that waits for its last objects. */
const lookAgainMs = 500;

function isEmpty({ resources, failures }: Remains): boolean {
  return resources.size === 0 && failures.length === 0;
}

/** Brings one namespace that is being deleted to its end, a step at a time. */
class Terminator {
  private readonly context: ControllerContext;
  private readonly catalog: ResourceCatalog;

  constructor(context: ControllerContext, catalog: ResourceCatalog) {
    this.context = context;
    this.catalog = catalog;
  }

  /** @returns whether the namespace is empty and nothing holds it any more */
  async step(namespace: Namespace): Promise<boolean> {
    await this.catalog.synced;
    const { name } = namespace.metadata;
    const remains = await emptyNamespace(this.context.client, name, this.catalog.list());
    try {
      if (isEmpty(remains)) await this.finalize(namespace);
      else await this.writeConditions(namespace, remains);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return isEmpty(remains);
  }

  private async writeConditions(namespace: Namespace, remains: Remains): Promise<void> {
    const { client, clock } = this.context;
    const conditions = terminationConditions(namespace.status?.conditions, remains, clock);
    if (JSON.stringify(conditions) === JSON.stringify(namespace.status?.conditions)) return;
    const status = { ...namespace.status, phase: 'Terminating' as const, conditions };
    await client.updateStatus(namespaceKind, { ...namespace, status });
  }

  private async finalize(namespace: Namespace): Promise<void> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((name) => name !== finalizer);
    await this.context.client.createSubresource(
      namespaceKind,
      { name: namespace.metadata.name, subresource: 'finalize' },
      { ...namespace, spec: { ...namespace.spec, finalizers } },
    );
  }
}

/** Keeps the system namespaces, and empties and finalizes namespaces that are being deleted. */
export function startNamespaceController(
  context: ControllerContext,
  { catalog }: { readonly catalog: ResourceCatalog },
): Controller {
  const { client, informers } = context;
  const namespaces = informers.of(namespaceKind);
  const pods = informers.of(podKind);
  const terminator = new Terminator(context, catalog);

  async function reconcile(name: string): Promise<void> {
    const namespace = namespaces.get(name);
    if (namespace === undefined) {
      if (!systemNamespaces.includes(name)) return;
      const object: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await createIfMissing(client, namespaceKind, object);
      return;
    }
    const isTerminating = namespace.metadata.deletionTimestamp !== undefined;
    if (!isTerminating || namespace.spec?.finalizers?.includes(finalizer) !== true) return;
    if (!(await terminator.step(namespace))) queue.addAfter(name, lookAgainMs);
  }

  const { queue, controller } = startLoop({
    name: 'namespace-controller',
    context,
    caches: [namespaces, pods],
    reconcile,
  });
  for (const name of systemNamespaces) queue.add(name);
  namespaces.onChange(({ previous, next }) => {
    const namespace = next ?? previous;
    if (namespace !== undefined) queue.add(keyOf(namespace));
  });
  // Pods are what a namespace waits for longest: look at once when one has gone.
  pods.onChange(({ previous, next }) => {
    const name = previous?.metadata.namespace ?? '';
    const isTerminating = namespaces.get(name)?.metadata.deletionTimestamp !== undefined;
    if (next === undefined && isTerminating) queue.add(name);
  });
  return controller;
}
