import { rmSync } from 'node:fs';
import { Fault } from '../../fault/index.ts';
import { layered } from './import.ts';
import type { ImageReference } from './reference.ts';
import { Registry, type RegistryOptions } from './registry.ts';
import type { ImageStore } from './store.ts';

interface PullerOptions extends RegistryOptions {
  /** For how long a registry that did not answer is not asked again. */
  readonly rememberMs: number;
  /** Milliseconds of a clock that does not jump. */
  now(): number;
}

/** Pulls images into the store: each image and each registry only once at a time. */
export interface Puller {
  /** Calls `onPull` once the registry has answered. @throws Fault `REGISTRY_UNREACHABLE`, `IMAGE_NOT_FOUND`, ... */
  pull(reference: ImageReference, onPull?: () => void): Promise<void>;
  /** Whether the registry has another image now than the one with this manifest. */
  isOutdated(reference: ImageReference, manifestDigest: string): Promise<boolean>;
}

export function createPuller(store: ImageStore, options: PullerOptions): Puller {
  const registry = new Registry(options);
  const pulls = new Map<string, Promise<void>>();
  const reach = reachability(registry, options);

  const download = async (reference: ImageReference, onPull?: () => void): Promise<void> => {
    await reach(reference);
    onPull?.();
    const directory = store.temporaryDirectory();
    try {
      const image = await registry.pull(reference, directory);
      const { manifestDigest } = image;
      await store.add({ ...layered(image), reference, source: 'pull', manifestDigest });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };
  return {
    pull: (reference, onPull) =>
      shared(pulls, reference.canonical, () => download(reference, onPull)),
    isOutdated: async (reference, manifestDigest) => {
      await reach(reference);
      return (await registry.manifestDigest(reference)) !== manifestDigest;
    },
  };
}

/** Asks a registry whether it is there; all who want to know at the same time share the answer, and a no is kept. */
function reachability(
  registry: Registry,
  options: PullerOptions,
): (reference: ImageReference) => Promise<void> {
  const asking = new Map<string, Promise<void>>();
  const refusals = new Map<string, { readonly until: number; readonly fault: Fault }>();
  const ask = async (reference: ImageReference): Promise<void> => {
    try {
      await registry.ping(reference);
    } catch (error) {
      if (error instanceof Fault) {
        const until = options.now() + options.rememberMs;
        refusals.set(reference.registry, { until, fault: error });
      }
      throw error;
    }
  };
  return async (reference) => {
    const refusal = refusals.get(reference.registry);
    if (refusal !== undefined && refusal.until > options.now()) throw refusal.fault;
    await shared(asking, reference.registry, () => ask(reference));
  };
}

async function shared<T>(
  running: Map<string, Promise<T>>,
  key: string,
  begin: () => Promise<T>,
): Promise<T> {
  const begun = running.get(key) ?? begin().finally(() => running.delete(key));
  running.set(key, begun);
  return await begun;
}
