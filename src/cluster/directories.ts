import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { Fault } from '../fault/index.ts';

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

/** Only absolute paths count (XDG Base Directory specification, "Basics"). */
function xdg(value: string | undefined, ...fallback: readonly string[]): string {
  return value !== undefined && isAbsolute(value) ? value : join(homedir(), ...fallback);
}

/**
 * Finds the folders: all below `PORTOLAN_HOME` when it is set, else data and state as the XDG Base Directory specification
 * says and run-time files in `/run/portolan`. `XDG_RUNTIME_DIR` is not for them: it is removed when its user logs out, and a
 * cluster outlives the shell that started it. Root may start clusters for several homes; each home's get a folder of their own.
 */
export function findDirectories(env: NodeJS.ProcessEnv): Directories {
  const home = env['PORTOLAN_HOME'];
  if (home !== undefined && home !== '') {
    return {
      images: resolve(home, 'images'),
      clusters: resolve(home, 'clusters'),
      run: resolve(home, 'run'),
    };
  }
  const clusters = join(xdg(env['XDG_STATE_HOME'], '.local', 'state'), 'portolan', 'clusters');
  const owner = createHash('sha256').update(clusters).digest('hex').slice(0, 8);
  return {
    images: join(xdg(env['XDG_DATA_HOME'], '.local', 'share'), 'portolan', 'images'),
    clusters,
    run: join('/run/portolan', owner),
  };
}

/** `sun_path` of struct sockaddr_un has 108 bytes, the last of them zero (unix(7)). */
const LONGEST_SOCKET_PATH = 107;

/** The folders of the cluster with this name. @throws Fault `HOME_TOO_LONG` */
export function clusterDirectories(all: Directories, name: string): ClusterDirectories {
  const directories = {
    name,
    images: all.images,
    state: join(all.clusters, name),
    run: join(all.run, name),
  };
  if (Buffer.byteLength(places.socket(directories)) <= LONGEST_SOCKET_PATH) return directories;
  throw new Fault({
    code: 'HOME_TOO_LONG',
    message: `${places.socket(directories)} is longer than the ${LONGEST_SOCKET_PATH} bytes of a socket's path`,
    advice: 'Set PORTOLAN_HOME to a shorter path.',
  });
}

/** Files and folders inside a cluster's own. */
export const places = {
  record: (cluster: ClusterDirectories): string => join(cluster.state, 'cluster.json'),
  access: (cluster: ClusterDirectories): string => join(cluster.state, 'access.json'),
  store: (cluster: ClusterDirectories): string => join(cluster.state, 'store.db'),
  pki: (cluster: ClusterDirectories): string => join(cluster.state, 'pki'),
  pods: (cluster: ClusterDirectories): string => join(cluster.state, 'pods'),
  podLogs: (cluster: ClusterDirectories): string => join(cluster.state, 'pod-logs'),
  containers: (cluster: ClusterDirectories): string => join(cluster.state, 'containers'),
  cni: (cluster: ClusterDirectories): string => join(cluster.state, 'cni'),
  daemonLog: (cluster: ClusterDirectories): string => join(cluster.state, 'daemon.log'),
  daemonRecord: (cluster: ClusterDirectories): string => join(cluster.run, 'daemon.json'),
  socket: (cluster: ClusterDirectories): string => join(cluster.run, 'daemon.sock'),
  namespaces: (cluster: ClusterDirectories): string => join(cluster.run, 'ns'),
  ingress: (cluster: ClusterDirectories): string => join(cluster.run, 'ingress'),
} as const;
