import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, messageOf } from '../../fault/index.ts';
import type { Pod, Volume } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';
import { makeEmptyDir } from './empty-dir.ts';
import { checkHostPath } from './host-path.ts';
import { writePayload, type Payload } from './payload.ts';
import {
  keySource,
  Projector,
  type ProjectionContext,
  type ProjectionInputs,
} from './projections.ts';
import { TokenCache } from './tokens.ts';

/** The volumes of one pod, on the host. */
export interface MountedVolumes {
  /** Host path of each volume by its name. */
  readonly paths: ReadonlyMap<string, string>;
  /** When a token wants renewal, in milliseconds since the epoch; Infinity for never. */
  readonly renewAt: number;
}

/** The part of a node's context that volumes come from. */
export type VolumeContext = ProjectionContext & Pick<NodeContext, 'client' | 'clock' | 'kernel'>;

/** Makes, refreshes and removes the volumes of one pod below `directory`. */
export class PodVolumes {
  private readonly context: VolumeContext;
  private readonly directory: string;
  private readonly tokens: TokenCache;

  constructor(context: VolumeContext, directory: string) {
    this.context = context;
    this.directory = directory;
    this.tokens = new TokenCache(context);
  }

  private pathOf(name: string): string {
    return join(this.directory, 'volumes', name);
  }

  private async payload(volume: Volume, projector: Projector): Promise<Payload | undefined> {
    if (volume.configMap !== undefined) {
      return projector.keys(keySource('ConfigMap', volume.configMap.name, volume.configMap));
    }
    if (volume.secret !== undefined) {
      return projector.keys(keySource('Secret', volume.secret.secretName, volume.secret));
    }
    if (volume.downwardAPI !== undefined) return projector.downward(volume.downwardAPI.items ?? []);
    if (volume.projected === undefined) return undefined;
    const parts: Payload[] = [];
    for (const source of volume.projected.sources ?? [])
      parts.push(await projector.project(source));
    return new Map(parts.flatMap((part) => [...part]));
  }

  private async mountOne(
    volume: Volume,
    inputs: ProjectionInputs,
    group: number | undefined,
  ): Promise<{ path: string; renewAt: number }> {
    if (volume.hostPath !== undefined) {
      return { path: await checkHostPath(volume.hostPath), renewAt: Infinity };
    }
    const path = this.pathOf(volume.name);
    const projector = new Projector(this.context, inputs, this.tokens);
    const payload = await this.payload(volume, projector);
    if (payload !== undefined) await writePayload(path, payload, group);
    else if (volume.emptyDir !== undefined) {
      await makeEmptyDir(this.context.kernel, { path, source: volume.emptyDir, group });
    } else {
      throw new Fault({
        code: 'FAILED_MOUNT',
        message: `volume "${volume.name}" has a type that is not supported here`,
        advice: 'Use emptyDir, hostPath, configMap, secret, downwardAPI or projected.',
      });
    }
    return { path, renewAt: projector.renewAt };
  }

  /**
   * Makes every volume, or brings projected ones up to date.
   * @throws Fault `FAILED_MOUNT` naming the volume and what it lacks.
   */
  async mount(pod: Pod, podIPs: readonly string[]): Promise<MountedVolumes> {
    const group = pod.spec.securityContext?.fsGroup;
    const paths = new Map<string, string>();
    let renewAt = Infinity;
    for (const volume of pod.spec.volumes ?? []) {
      const defaultMode =
        volume.configMap?.defaultMode ??
        volume.secret?.defaultMode ??
        volume.projected?.defaultMode ??
        volume.downwardAPI?.defaultMode ??
        0o644;
      const inputs = { pod, podIPs, defaultMode };
      const mounted = await this.mountOne(volume, inputs, group).catch((cause: unknown) => {
        throw new Fault({
          code: 'FAILED_MOUNT',
          message: `MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(cause)}`,
          cause,
        });
      });
      paths.set(volume.name, mounted.path);
      renewAt = Math.min(renewAt, mounted.renewAt);
    }
    return { paths, renewAt };
  }

  /** Removes everything but host paths; harmless when there is nothing. */
  async remove(): Promise<void> {
    const volumes = join(this.directory, 'volumes');
    const names = existsSync(volumes) ? await readdir(volumes) : [];
    for (const name of names) this.context.kernel.unmount(this.pathOf(name));
    await rm(this.directory, { recursive: true, force: true });
  }
}
