import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../client/index.ts';
import { Fault } from '../../fault/index.ts';
import { readAccess } from '../access.ts';
import { addonsOf, requireAddon, withAddons, type AddonName } from '../addon-choice.ts';
import { commandLine } from '../command-line.ts';
import { findDaemon } from '../daemon/identity.ts';
import type { ClusterDirectories } from '../directories.ts';
import { withLock } from '../lock.ts';
import { readRecord, writeRecord, type ClusterRecord } from '../record.ts';

/** How long an addon may take until it answers. */
const READY_MS = 60_000;
const PAUSE_MS = 50;

/** Whether an addon was switched, or stood so already. */
export interface AddonChange {
  readonly name: AddonName;
  readonly isEnabled: boolean;
  readonly hasChanged: boolean;
  /** False when the cluster does not run: then it counts from the next start on. */
  readonly isLive: boolean;
}

function requireRecord(directories: ClusterDirectories): ClusterRecord {
  const record = readRecord(directories);
  if (record !== undefined) return record;
  throw new Fault({
    code: 'NO_SUCH_CLUSTER',
    message: `there is no cluster "${directories.name}"`,
    advice: `Make it: ${commandLine('start', directories.name)}`,
  });
}

/**
 * Switches an addon on or off: in a running cluster at once, and on only when it answers; in a stopped one for its next
 * start. @throws Fault `UNKNOWN_ADDON`, `NO_SUCH_CLUSTER`, `CLUSTER_BUSY`, `ADDON_NOT_READY`; ApiError
 */
export async function setAddon(
  directories: ClusterDirectories,
  addon: string,
  isEnabled: boolean,
): Promise<AddonChange> {
  const name = requireAddon(addon);
  return withLock(directories, async () => {
    const record = requireRecord(directories);
    const hasChanged = addonsOf(record).includes(name) !== isEnabled;
    const isLive = findDaemon(directories) !== undefined;
    if (isLive) await apply(directories, name, isEnabled);
    // Last: a switch that failed is tried again.
    const others = addonsOf(record).filter((other) => other !== name);
    const next = withAddons(record, isEnabled ? [...others, name] : others);
    writeRecord(directories, isLive ? { ...next, leavingAddons: [] } : next);
    return { name, isEnabled, hasChanged, isLive };
  });
}

async function apply(
  directories: ClusterDirectories,
  name: AddonName,
  isEnabled: boolean,
): Promise<void> {
  const { createHttpClient } = await import('../../client/index.ts');
  const { applyAddon, isAddonReady } = await import('../addons.ts');
  const client = createHttpClient(readAccess(directories));
  try {
    await applyAddon(client, name, isEnabled);
    if (isEnabled) await untilReady(client, name, isAddonReady);
  } finally {
    client.close();
  }
}

async function untilReady(
  client: Client,
  name: AddonName,
  isReady: (client: Client, name: AddonName) => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (!(await isReady(client, name))) {
    if (performance.now() > deadline) {
      throw new Fault({
        code: 'ADDON_NOT_READY',
        message: `the addon "${name}" does not answer after ${READY_MS / 1000} seconds`,
        advice: 'Look at its pods: kubectl get pods -A',
      });
    }
    await delay(PAUSE_MS);
  }
}
