import { Fault } from '../../fault/index.ts';
import type { KeyToPath, Pod, VolumeProjection, DownwardAPIVolumeFile } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';
import { containerField, podField } from '../pod/downward.ts';
import type { Payload, ProjectedFile } from './payload.ts';
import type { TokenCache, TokenProjection } from './tokens.ts';

/** The part of a node's context that projections come from. */
export interface ProjectionContext extends Pick<NodeContext, 'nodeName' | 'nodeIPs'> {
  readonly caches: {
    readonly configMaps: Pick<NodeContext['caches']['configMaps'], 'get'>;
    readonly secrets: Pick<NodeContext['caches']['secrets'], 'get'>;
  };
}

/** What a projection is made for. */
export interface ProjectionInputs {
  readonly pod: Pod;
  readonly podIPs: readonly string[];
  readonly defaultMode: number;
}

/** Where a projection's keys come from. */
interface KeySource {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly optional: boolean;
  readonly items: readonly KeyToPath[] | undefined;
}

function missing(message: string): Fault {
  return new Fault({
    code: 'FAILED_MOUNT',
    message,
    advice: 'Create the object or key, or mark the reference optional.',
  });
}

/** Makes the files of ConfigMap, Secret, downward API and token projections. */
export class Projector {
  private readonly context: ProjectionContext;
  private readonly inputs: ProjectionInputs;
  private readonly namespace: string;
  private readonly tokens: TokenCache;
  /** When the first token of this payload wants renewal, in milliseconds since the epoch. */
  renewAt = Infinity;

  constructor(context: ProjectionContext, inputs: ProjectionInputs, tokens: TokenCache) {
    this.context = context;
    this.tokens = tokens;
    this.inputs = inputs;
    this.namespace = inputs.pod.metadata.namespace ?? 'default';
  }

  private keysOf(source: KeySource): Map<string, Buffer> | undefined {
    const key = `${this.namespace}/${source.name}`;
    if (source.kind === 'Secret') {
      const secret = this.context.caches.secrets.get(key);
      if (secret === undefined) return undefined;
      return new Map(
        Object.entries(secret.data ?? {}).map(([name, value]) => [
          name,
          Buffer.from(value, 'base64'),
        ]),
      );
    }
    const map = this.context.caches.configMaps.get(key);
    if (map === undefined) return undefined;
    return new Map([
      ...Object.entries(map.data ?? {}).map(([name, value]) => [name, Buffer.from(value)] as const),
      ...Object.entries(map.binaryData ?? {}).map(
        ([name, value]) => [name, Buffer.from(value, 'base64')] as const,
      ),
    ]);
  }

  /** All keys of a ConfigMap or Secret, or the chosen ones under chosen paths. */
  keys(source: KeySource): Payload {
    const keys = this.keysOf(source);
    if (keys === undefined) {
      if (source.optional) return new Map();
      throw missing(`${source.kind.toLowerCase()} "${source.name}" not found`);
    }
    const items = source.items ?? [...keys.keys()].map((key): KeyToPath => ({ key, path: key }));
    const files = new Map<string, ProjectedFile>();
    for (const { key, path, mode } of items) {
      const content = keys.get(key);
      if (content !== undefined) {
        files.set(path, { content, mode: mode ?? this.inputs.defaultMode });
      } else if (!source.optional) {
        throw missing(
          `${source.kind.toLowerCase()} "${source.name}" has no key "${key}" for path "${path}"`,
        );
      }
    }
    return files;
  }

  downward(items: readonly DownwardAPIVolumeFile[]): Payload {
    const { pod, podIPs, defaultMode } = this.inputs;
    const { nodeName, nodeIPs } = this.context;
    return new Map(
      items.map((item) => {
        const text =
          item.fieldRef === undefined
            ? this.resource(item)
            : podField(item.fieldRef.fieldPath, pod, { nodeName, nodeIPs, podIPs });
        return [item.path, { content: Buffer.from(text), mode: item.mode ?? defaultMode }];
      }),
    );
  }

  private resource(item: DownwardAPIVolumeFile): string {
    const reference = item.resourceFieldRef;
    const container = this.inputs.pod.spec.containers.find(
      ({ name }) => name === reference?.containerName,
    );
    if (reference === undefined || container === undefined) {
      throw missing(`downward API file "${item.path}" names no field and no container`);
    }
    return containerField(reference, container);
  }

  private async token(projection: TokenProjection): Promise<Payload> {
    const { pod, defaultMode } = this.inputs;
    const { token, renewAt } = await this.tokens.get(pod, projection);
    this.renewAt = Math.min(this.renewAt, renewAt);
    return new Map([[projection.path, { content: Buffer.from(token), mode: defaultMode }]]);
  }

  /** One source of a projected volume. */
  async project(projection: VolumeProjection): Promise<Payload> {
    const { configMap, secret, downwardAPI, serviceAccountToken } = projection;
    if (configMap !== undefined)
      return this.keys(keySource('ConfigMap', configMap.name, configMap));
    if (secret !== undefined) return this.keys(keySource('Secret', secret.name, secret));
    if (downwardAPI !== undefined) return this.downward(downwardAPI.items ?? []);
    if (serviceAccountToken !== undefined) return this.token(serviceAccountToken);
    return new Map();
  }
}

/** Names the source of a projection's keys. */
export function keySource(
  kind: KeySource['kind'],
  name: string | undefined,
  options: { optional?: boolean; items?: readonly KeyToPath[] },
): KeySource {
  return { kind, name: name ?? '', optional: options.optional === true, items: options.items };
}
