import { Fault, messageOf } from '../../fault/index.ts';
import type { ImagePolicy, ImageService, PullPolicy, ResolvedImage } from '../runtime.ts';
import { busyboxImage } from './busybox.ts';
import { importImage } from './import.ts';
import { createPuller, type Puller } from './puller.ts';
import { parseReference, type ImageReference } from './reference.ts';
import { ImageStore, type FoundImage } from './store.ts';

export interface ImageServiceOptions {
  /** The image store of one cluster; absolute. */
  readonly directory: string;
  readonly policy: ImagePolicy;
  /** A statically linked busybox; `/bin/busybox` by default. */
  readonly busyboxBinary?: string;
  /** Images, by reference, whose work this very process does: neither looked for nor pulled, whatever the policy. */
  readonly inProcess?: readonly string[];
  /** Whether a container uses the image: then it is not removed. */
  readonly isInUse?: (imageId: string) => boolean | Promise<boolean>;
  /** How long a registry may take to answer at all before it counts as unreachable; 1.5 s by default. */
  readonly connectTimeoutMs?: number;
}

const defaults = {
  busyboxBinary: '/bin/busybox',
  connectTimeoutMs: 1500,
  answerTimeoutMs: 30_000,
  rememberMs: 60_000,
};
const builtInRepository = 'library/busybox';

/** Opens the image store and answers what a pod's image means, by the rules of the policy. */
export function createImageService(options: ImageServiceOptions): ImageService {
  const store = new ImageStore(options.directory);
  const puller = createPuller(store, {
    connectTimeoutMs: options.connectTimeoutMs ?? defaults.connectTimeoutMs,
    answerTimeoutMs: defaults.answerTimeoutMs,
    rememberMs: defaults.rememberMs,
    now: () => performance.now(),
  });
  const binary = options.busyboxBinary ?? defaults.busyboxBinary;
  const { rootfsDirectory } = store;
  const busybox = (reference = 'busybox:latest'): ResolvedImage =>
    busyboxImage({ rootfsDirectory, binary }, reference);

  const inProcess = new Set((options.inProcess ?? []).map((name) => parseReference(name).familiar));
  const rules = { store, puller, policy: options.policy, busybox, inProcess };
  return {
    resolve: (reference, pull, onPull) => resolve(rules, reference, { pull, onPull }),
    list: async () => store.list(),
    remove: async (name) => {
      const reference = parseReference(name);
      const found = store.find(reference);
      if (found !== undefined && (await options.isInUse?.(found.image.id)) === true) {
        throw inUse(reference);
      }
      store.remove(reference);
    },
    importArchive: (path, importOptions) => importImage(store, path, importOptions),
    busybox: () => busybox(),
    collect: async () => {
      store.removeAbandoned();
      for (const id of store.orphans()) {
        if ((await options.isInUse?.(id)) !== true) store.removeContent(id);
      }
    },
  };
}

interface Rules {
  readonly store: ImageStore;
  readonly puller: Puller;
  readonly policy: ImagePolicy;
  readonly inProcess: ReadonlySet<string>;
  busybox(reference?: string): ResolvedImage;
}

interface PullWish {
  readonly pull: PullPolicy;
  readonly onPull: (() => void) | undefined;
}

/** The local store, else the built-in image, else a pull, else - unless the policy is strict - a stand-in. */
async function resolve(rules: Rules, name: string, wish: PullWish): Promise<ResolvedImage> {
  const { pull, onPull } = wish;
  const reference = parseReference(name);
  const found = rules.store.find(reference);
  if (found !== undefined) return await refreshed(rules, { reference, found, ...wish });
  if (rules.inProcess.has(reference.familiar)) {
    return { ...standIn(reference), id: `in-process://${reference.familiar}` };
  }
  if (isBuiltIn(reference)) return rules.busybox(reference.familiar);
  if (rules.policy === 'stand-in') return standIn(reference);
  if (pull === 'Never') {
    if (rules.policy === 'auto') return standIn(reference);
    throw neverPull(name);
  }
  try {
    await rules.puller.pull(reference, onPull);
  } catch (error) {
    if (rules.policy === 'auto') return standIn(reference);
    throw pullFailed(name, error);
  }
  const pulled = rules.store.find(reference);
  if (pulled === undefined) throw pullFailed(name, new Error('it was removed meanwhile'));
  return pulled.image;
}

/**
 * A local image, pulled again when the pod says so and the registry has another one. What was imported by hand is
 * never replaced, and without network the local image is good enough.
 */
async function refreshed(
  { store, puller, policy }: Rules,
  local: PullWish & { reference: ImageReference; found: FoundImage },
): Promise<ResolvedImage> {
  const { reference, found, pull, onPull } = local;
  const { manifestDigest } = found;
  if (policy === 'stand-in' || pull !== 'Always' || manifestDigest === undefined)
    return found.image;
  try {
    if (await puller.isOutdated(reference, manifestDigest)) await puller.pull(reference, onPull);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return found.image;
  }
  return store.find(reference)?.image ?? found.image;
}

const isBuiltIn = ({ registry, repository }: ImageReference): boolean =>
  registry === 'docker.io' && repository === builtInRepository;

function standIn({ familiar }: ImageReference): ResolvedImage {
  return {
    reference: familiar,
    id: `stand-in://${familiar}`,
    kind: 'stand-in',
    entrypoint: [],
    command: [],
    env: [],
    workingDir: '',
    user: '',
    exposedPorts: [],
    stopSignal: 'SIGTERM',
  };
}

function neverPull(name: string): Fault {
  return new Fault({
    code: 'ERR_IMAGE_NEVER_PULL',
    message: `Container image "${name}" is not present with pull policy of Never`,
    advice: 'Import it with `portolan image import`.',
  });
}

function pullFailed(name: string, cause: unknown): Fault {
  return new Fault({
    code: 'ERR_IMAGE_PULL',
    message: `Failed to pull image "${name}": ${messageOf(cause)}`,
    advice: 'Import it with `portolan image import`, or start with `--images=auto` for stand-ins.',
    cause,
  });
}

function inUse({ familiar }: ImageReference): Fault {
  return new Fault({
    code: 'IMAGE_IN_USE',
    message: `image ${familiar} is used by a container`,
    advice: 'Delete the pods that use it first.',
  });
}
