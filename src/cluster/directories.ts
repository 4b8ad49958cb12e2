import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folders of one user's clusters; none is made by asking. */
export interface Directories {
  /** Images, shared by all clusters. */
  readonly images: string;
  /** One folder for each cluster: what survives a reboot. */
  readonly clusters: string;
  /** One folder for each cluster: sockets and pins, gone after a reboot. */
  readonly run: string;
}

/** The folders of one cluster. */
export interface ClusterDirectories {
  readonly name: string;
  /** Shared with the other clusters. */
  readonly images: string;
  /** Everything that survives a reboot: record, store, certificates, pods, logs. */
  readonly state: string;
  /** Everything that does not: the daemon's socket, pinned namespaces, container run-time files. */
  readonly run: string;
}

/**
 * Finds the folders: all below `PORTOLAN_HOME` when it is set, else as the XDG Base Directory specification says, with
 * `/run` for root's run-time files.
 */
export function findDirectories(env: NodeJS.ProcessEnv): Directories {
  const home = env['PORTOLAN_HOME'];
  if (home !== undefined && home !== '') {
    return {
      images: join(home, 'images'),
      clusters: join(home, 'clusters'),
      run: join(home, 'run'),
    };
  }
  const data = env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share');
  const state = env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  const run = env['XDG_RUNTIME_DIR'] ?? '/run';
  return {
    images: join(data, 'portolan', 'images'),
    clusters: join(state, 'portolan', 'clusters'),
    run: join(run, 'portolan'),
  };
}

/** The folders of the cluster with this name. */
export function clusterDirectories(all: Directories, name: string): ClusterDirectories {
  return { name, images: all.images, state: join(all.clusters, name), run: join(all.run, name) };
}

/** Files and folders inside a cluster's own. */
export const places = {
  record: (cluster: ClusterDirectories): string => join(cluster.state, 'cluster.json'),
  store: (cluster: ClusterDirectories): string => join(cluster.state, 'store.db'),
  pki: (cluster: ClusterDirectories): string => join(cluster.state, 'pki'),
  pods: (cluster: ClusterDirectories): string => join(cluster.state, 'pods'),
  podLogs: (cluster: ClusterDirectories): string => join(cluster.state, 'pod-logs'),
  containers: (cluster: ClusterDirectories): string => join(cluster.state, 'containers'),
  daemonLog: (cluster: ClusterDirectories): string => join(cluster.state, 'daemon.log'),
  daemonRecord: (cluster: ClusterDirectories): string => join(cluster.run, 'daemon.json'),
  socket: (cluster: ClusterDirectories): string => join(cluster.run, 'daemon.sock'),
  namespaces: (cluster: ClusterDirectories): string => join(cluster.run, 'ns'),
} as const;
