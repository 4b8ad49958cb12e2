import { createHash } from 'node:crypto';
import type { ClusterDirectories } from './directories.ts';

/** The cluster's own cgroup: two users may each have a cluster of one name. */
export function cgroupRoot(directories: ClusterDirectories): string {
  const owner = createHash('sha256').update(directories.state).digest('hex').slice(0, 8);
  return `portolan-${directories.name}-${owner}`;
}
