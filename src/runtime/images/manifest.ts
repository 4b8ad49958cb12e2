import { Fault } from '../../fault/index.ts';
import { machineArchitecture } from './image-config.ts';

/** A pointer to content (OCI image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface Index {
  readonly manifests: readonly Descriptor[];
}

/** What a registry is asked for: manifests and indexes, as OCI and as Docker call them. */
export const manifestTypes: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

export const isIndex = (document: Manifest | Index): document is Index => 'manifests' in document;

/** The manifest of an index that runs on this machine. @throws Fault `IMAGE_WRONG_PLATFORM` */
export function chooseManifest(name: string, { manifests }: Index): Descriptor {
  const here = machineArchitecture();
  const chosen =
    manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === here) ??
    // Layouts of a single image often do not say for which platform it is.
    manifests.find(({ platform }) => platform === undefined);
  if (chosen !== undefined) return chosen;
  const offered = manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`);
  throw new Fault({
    code: 'IMAGE_WRONG_PLATFORM',
    message: `image ${name} has no variant for linux/${here}, only ${offered.join(', ')}`,
    advice: `Build or choose an image for linux/${here}.`,
  });
}
