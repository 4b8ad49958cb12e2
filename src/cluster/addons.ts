import type { Client } from '../client/index.ts';
import { ensureIngressObjects, isIngressReady, removeIngressObjects } from '../ingress/index.ts';
import type { AddonName } from './addon-choice.ts';

interface AddonObjects {
  readonly ensure: (client: Client) => Promise<void>;
  readonly remove: (client: Client) => Promise<void>;
  readonly isReady: (client: Client) => Promise<boolean>;
}

const objects: Readonly<Record<AddonName, AddonObjects>> = {
  ingress: {
    ensure: ensureIngressObjects,
    remove: removeIngressObjects,
    isReady: isIngressReady,
  },
};

/** Puts an addon's objects into a cluster, or takes them out. @throws ApiError */
export async function applyAddon(
  client: Client,
  name: AddonName,
  isEnabled: boolean,
): Promise<void> {
  const { ensure, remove } = objects[name];
  await (isEnabled ? ensure(client) : remove(client));
}

/** Whether an addon does what it is for. @throws ApiError */
export function isAddonReady(client: Client, name: AddonName): Promise<boolean> {
  return objects[name].isReady(client);
}
