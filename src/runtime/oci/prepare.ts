import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Kernel } from '../../kernel/kernel.ts';
import type { ContainerSpec } from '../runtime.ts';
import { ociConfig, type Machine } from './config.ts';
import { cannotRun } from './conmon.ts';
import { OciContainer } from './container.ts';
import { bundleOf, type Layout } from './layout.ts';
import { newRecord, writeRecord } from './record.ts';
import { mountRootfs } from './rootfs.ts';
import { resolveUser } from './user.ts';

interface PrepareOptions {
  readonly layout: Layout;
  readonly kernel: Kernel;
  readonly cgroupRoot: string;
  readonly machine: Machine;
}

/**
 * Writes a container's bundle and mounts its root; nothing runs yet. The record is first on disk, so that whatever
 * comes after it can be taken back.
 */
export function prepareContainer(options: PrepareOptions, spec: ContainerSpec): OciContainer {
  const { layout, cgroupRoot, kernel, machine } = options;
  const rootfs = spec.image.rootfs;
  if (rootfs === undefined)
    throw cannotRun(`image ${spec.image.reference} has no root file system`);
  const user = resolveUser(rootfs, spec.image.user, spec.security);
  const cgroup = `/${cgroupRoot}/${spec.cgroupParent}/${spec.id}`;
  const bundle = bundleOf(layout, spec.id);
  const record = newRecord(spec, cgroup);
  try {
    mkdirSync(bundle.directory, { recursive: true, mode: 0o700 });
    writeRecord(bundle, record);
    const config = ociConfig({ spec, user, rootfs: bundle.rootfs, cgroup, machine });
    writeFileSync(bundle.config, JSON.stringify(config));
    if (spec.logPath !== '') mkdirSync(dirname(spec.logPath), { recursive: true });
    mountRootfs(kernel, bundle, rootfs);
  } catch (error) {
    rmSync(bundle.directory, { recursive: true, force: true });
    throw error;
  }
  return new OciContainer(bundle, record);
}
