import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fault, messageOf } from '../../fault/index.ts';
import type { ArchivedImage } from './archive.ts';
import { bufferDigest, fileDigest, requireDigest } from './digest.ts';
import {
  chooseManifest,
  isIndex,
  manifestTypes,
  type Descriptor,
  type Index,
  type Manifest,
} from './manifest.ts';
import type { ImageReference } from './reference.ts';

/** An image that was downloaded into a directory. */
interface PulledImage extends Omit<ArchivedImage, 'names'> {
  readonly manifestDigest: string;
}

export interface RegistryOptions {
  /** For the first answer of a registry: what takes longer counts as no network. */
  readonly connectTimeoutMs: number;
  /** For each further answer's first byte. */
  readonly answerTimeoutMs: number;
}

interface Answer {
  readonly content: Buffer;
  readonly digest: string;
}

const tooManyAttempts = 2;

/** A registry's own API (OCI distribution-spec 1.1), pulling only. */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #tokens = new Map<string, string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Throws a Fault `REGISTRY_UNREACHABLE` unless the registry answers in time. */
  async ping(reference: ImageReference): Promise<void> {
    const url = `${baseUrl(reference.registry)}/v2/`;
    try {
      const signal = AbortSignal.timeout(this.#options.connectTimeoutMs);
      const response = await fetch(url, { signal });
      await response.body?.cancel();
    } catch (cause) {
      throw unreachable(reference, cause);
    }
  }

  /** The digest of the image's manifest for this machine, without downloading the image. */
  async manifestDigest(reference: ImageReference): Promise<string> {
    return (await this.#manifest(reference)).digest;
  }

  /** Downloads an image; every part is checked against its digest. */
  async pull(reference: ImageReference, directory: string): Promise<PulledImage> {
    const { manifest, digest } = await this.#manifest(reference);
    const config = await this.#blob(reference, manifest.config);
    const layers = await Promise.all(
      manifest.layers.map((layer, index) =>
        this.#download(reference, layer, join(directory, `layer-${index}`)),
      ),
    );
    const bytes = manifest.layers.reduce((sum, { size }) => sum + size, 0);
    return { config, layers, bytes, manifestDigest: digest };
  }

  async #manifest(reference: ImageReference): Promise<{ manifest: Manifest; digest: string }> {
    let wanted = reference.digest === '' ? reference.tag : reference.digest;
    for (;;) {
      const { content, digest } = await this.#getManifest(reference, wanted);
      const document = JSON.parse(content.toString()) as Manifest | Index;
      if (!isIndex(document)) return { manifest: document, digest };
      wanted = chooseManifest(reference.familiar, document).digest;
    }
  }

  async #getManifest(reference: ImageReference, wanted: string): Promise<Answer> {
    const response = await this.#get(reference, `manifests/${wanted}`);
    const content = Buffer.from(await response.arrayBuffer());
    const digest = bufferDigest(content);
    if (wanted.startsWith('sha256:'))
      requireDigest(`manifest of ${reference.familiar}`, wanted, digest);
    return { content, digest };
  }

  async #blob(reference: ImageReference, { digest }: Descriptor): Promise<Buffer> {
    const response = await this.#get(reference, `blobs/${digest}`);
    const content = Buffer.from(await response.arrayBuffer());
    requireDigest(`configuration of ${reference.familiar}`, digest, bufferDigest(content));
    return content;
  }

  async #download(reference: ImageReference, layer: Descriptor, path: string): Promise<string> {
    const response = await this.#get(reference, `blobs/${layer.digest}`);
    const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
    await pipeline(body, createWriteStream(path));
    requireDigest(`layer of ${reference.familiar}`, layer.digest, await fileDigest(path));
    return path;
  }

  /** A request below the repository; a 401 is answered once with a token of the realm that it names. */
  async #get(reference: ImageReference, path: string): Promise<Response> {
    const { registry, repository } = reference;
    const url = `${baseUrl(registry)}/v2/${repository}/${path}`;
    const scope = `${registry}/${repository}`;
    for (let attempt = 1; ; attempt += 1) {
      const token = this.#tokens.get(scope);
      const response = await this.#fetch(reference, url, {
        accept: manifestTypes.join(', '),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      });
      if (response.ok) return response;
      await response.body?.cancel();
      const challenge = response.headers.get('www-authenticate');
      if (response.status !== 401 || challenge === null || attempt === tooManyAttempts) {
        throw refused(reference, response);
      }
      this.#tokens.set(scope, await this.#requestToken(reference, challenge));
    }
  }

  /** The token protocol of the Docker registry: `Bearer realm="...",service="...",scope="..."`. */
  async #requestToken(reference: ImageReference, challenge: string): Promise<string> {
    const parameter = (name: string): string =>
      new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
    const realm = parameter('realm');
    if (!/^Bearer /i.test(challenge) || realm === '') throw needsLogin(reference);
    const url = new URL(realm);
    url.searchParams.set('service', parameter('service'));
    url.searchParams.set('scope', parameter('scope') || `repository:${reference.repository}:pull`);
    const response = await this.#fetch(reference, url.href, {});
    if (!response.ok) throw needsLogin(reference);
    const answer = (await response.json()) as { token?: string; access_token?: string };
    return answer.token ?? answer.access_token ?? '';
  }

  /** The time-out is for the answer to begin: bodies may take as long as they flow. */
  async #fetch(
    reference: ImageReference,
    url: string,
    headers: Record<string, string>,
  ): Promise<Response> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), this.#options.answerTimeoutMs);
    try {
      return await fetch(url, { headers, signal: controller.signal });
    } catch (cause) {
      throw unreachable(reference, cause);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Docker Hub's registry has another name than its images; registries on this machine speak plain HTTP. */
function baseUrl(registry: string): string {
  if (registry === 'docker.io') return 'https://registry-1.docker.io';
  const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(registry);
  return `${isLocal ? 'http' : 'https'}://${registry}`;
}

function unreachable({ registry, familiar }: ImageReference, cause: unknown): Fault {
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  return new Fault({
    code: 'REGISTRY_UNREACHABLE',
    message: `failed to pull image "${familiar}": registry ${registry} cannot be reached: ${messageOf(inner)}`,
    advice: 'Check the network, or import the image with `portolan image import`.',
    cause,
  });
}

function refused({ familiar, registry }: ImageReference, { status }: Response): Fault {
  const isMissing = status === 404;
  return new Fault({
    code: isMissing ? 'IMAGE_NOT_FOUND' : 'REGISTRY_REFUSED',
    message: isMissing
      ? `failed to pull image "${familiar}": not found`
      : `failed to pull image "${familiar}": registry ${registry} answered ${status}`,
    advice: 'Check the name and the tag; private images must be imported.',
  });
}

function needsLogin({ familiar, registry }: ImageReference): Fault {
  return new Fault({
    code: 'REGISTRY_REFUSED',
    message: `failed to pull image "${familiar}": registry ${registry} wants a login, or there is no such repository`,
    advice: 'Check the name; private images must be imported with `portolan image import`.',
  });
}
