import { createLink, type NewLink } from './link.ts';
import type { NetlinkRequest } from './message.ts';

/** Makes a bridge without spanning tree. Interfaces join with `changeLink(index, { master })`. */
export function createBridge(link: NewLink): NetlinkRequest {
  return createLink('bridge', link);
}
