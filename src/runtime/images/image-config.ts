import { Fault } from '../../fault/index.ts';
import type { ResolvedImage } from '../runtime.ts';

/** The part of an image's configuration (OCI image-spec, config.md) that is used here. */
export interface ImageConfig {
  readonly architecture?: string;
  readonly os?: string;
  readonly created?: string;
  readonly config?: {
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Env?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly User?: string;
    readonly ExposedPorts?: Readonly<Record<string, object>> | null;
    readonly StopSignal?: string;
  };
  readonly rootfs?: { readonly type: string; readonly diff_ids: readonly string[] };
}

/** The names that Go, and so every image, has for processor architectures. */
const goArchitectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  arm64: 'arm64',
  arm: 'arm',
  riscv64: 'riscv64',
  s390x: 's390x',
  ppc64: 'ppc64le',
  loong64: 'loong64',
};

/** This machine's architecture in images, e.g. `amd64`. */
export function machineArchitecture(): string {
  return goArchitectures[process.arch] ?? process.arch;
}

/** @throws Fault `IMAGE_WRONG_PLATFORM` when programs of the image cannot run here. */
export function requirePlatform(reference: string, config: ImageConfig): void {
  const here = machineArchitecture();
  const { os = 'linux', architecture = here } = config;
  if (os === 'linux' && architecture === here) return;
  throw new Fault({
    code: 'IMAGE_WRONG_PLATFORM',
    message: `image ${reference} is for ${os}/${architecture}, this machine is linux/${here}`,
    advice: `Build or save the image for linux/${here}.`,
  });
}

/** The image as containers use it. */
export function resolvedImage(
  facts: { readonly reference: string; readonly id: string; readonly rootfs: string },
  { config = {} }: ImageConfig,
): ResolvedImage {
  return {
    ...facts,
    kind: 'rootfs',
    entrypoint: config.Entrypoint ?? [],
    command: config.Cmd ?? [],
    env: config.Env ?? [],
    workingDir: config.WorkingDir ?? '',
    user: config.User ?? '',
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    stopSignal: config.StopSignal ?? 'SIGTERM',
  };
}
