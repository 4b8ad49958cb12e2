import type { Readable, Writable } from 'node:stream';
import type { SandboxNamespaces } from '../kernel/kernel.ts';

/** What a container was made from. */
export interface ResolvedImage {
  /** The reference as the pod names it, e.g. `nginx:latest`. */
  readonly reference: string;
  /** `sha256:...` of the image's configuration, or `stand-in://REFERENCE`. */
  readonly id: string;
  readonly kind: 'rootfs' | 'stand-in';
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly workingDir: string;
  /** `USER[:GROUP]`, names or numbers; empty is root. */
  readonly user: string;
  /** From EXPOSE: `80/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly stopSignal: string;
  /** Unpacked, read-only root file system, for `rootfs`. */
  readonly rootfs?: string;
}

export interface Mount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
}

/** Limits where the machine's cgroups allow; absent means none. */
export interface ResourceLimits {
  readonly memoryBytes?: number;
  /** CPU time in microseconds for each period of 100 ms. */
  readonly cpuQuota?: number;
  readonly cpuShares?: number;
}

/** The part of a container's security context that is enforced, pod and container level merged. */
export interface SecuritySettings {
  readonly privileged: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly allowPrivilegeEscalation: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly seccomp: 'RuntimeDefault' | 'Unconfined';
  /** `/proc` masked as engines do by default, or not at all. */
  readonly procMount: 'Default' | 'Unmasked';
}

/** A server that a stand-in runs on one port of its pod. */
export interface StandInPort {
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

/** What a stand-in says of itself in its JSON page. */
export interface StandInIdentity {
  readonly pod: string;
  readonly namespace: string;
  readonly node: string;
  readonly podIPs: readonly string[];
  readonly container: string;
  readonly image: string;
}

/** A container whose work is done in this process, as that work knows it. */
export interface InProcessContainer {
  /** Path of its network namespace. */
  readonly netns: string;
  /** Writes a line of what `kubectl logs` shows. */
  readonly log: (text: string) => void;
}

/** Work under way for one container. */
export interface InProcessWork {
  /** Set for work that comes to an end by itself: resolves with the exit code. */
  readonly exited?: Promise<number>;
  /** It is to end: resolves when it has done what it wants to do first, which must fit in `graceMs`. */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Does in this process what a container of some image would do. */
export type InProcessProgram = (container: InProcessContainer) => Promise<InProcessWork>;

/** Everything needed to run one container; the process's arguments are final (image defaults merged). */
export interface ContainerSpec {
  /** Unique over the cluster's life: `POD_UID_CONTAINER_ATTEMPT` or the like, safe in a path. */
  readonly id: string;
  readonly image: ResolvedImage;
  readonly namespaces: SandboxNamespaces;
  readonly hostname: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly mounts: readonly Mount[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly resources: ResourceLimits;
  readonly security: SecuritySettings;
  /** Where the log goes, in CRI format (`TIME stdout F text`); empty: it is removed with the container. */
  readonly logPath: string;
  /** File on the host that holds the termination message when the container has exited (the source of its mount). */
  readonly terminationMessagePath?: string;
  /** `/sys/fs/cgroup` path below Portolan's own, e.g. `pod-UID`. */
  readonly cgroupParent: string;
  /** Kept and returned by {@link ContainerRuntime.list}: how a restarted daemon knows its own. */
  readonly labels: Readonly<Record<string, string>>;
  /** For stand-ins only. */
  readonly standIn?: { readonly identity: StandInIdentity; readonly ports: readonly StandInPort[] };
}

export interface ContainerStatus {
  readonly id: string;
  readonly state: 'created' | 'running' | 'exited';
  readonly labels: Readonly<Record<string, string>>;
  readonly imageId: string;
  readonly pid?: number;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly exitCode?: number;
  /** `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun`. */
  readonly reason?: string;
  /** Of a failed start, or the termination message. */
  readonly message?: string;
}

/** The streams of an exec or attach. All four are optional; `resize` calls back with each new terminal size. */
export interface ContainerStreams {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  readonly tty: boolean;
  onResize?(listener: (size: { readonly width: number; readonly height: number }) => void): void;
  /** Aborted when the client went away. */
  readonly signal?: AbortSignal;
}

/** Runs containers that outlive this process; a new one over the same directories adopts them. */
export interface ContainerRuntime {
  /** Makes and starts. @throws Fault `CONTAINER_CANNOT_RUN` with the runtime's own words (e.g. executable not found). */
  run(spec: ContainerSpec): Promise<ContainerStatus>;
  /** Sends the stop signal, waits up to `graceSeconds`, then kills; resolves when it has exited. */
  stop(id: string, graceSeconds: number): Promise<ContainerStatus>;
  /** Removes what is left of an exited (or never started) container: bundle, mounts, records; the log stays. */
  remove(id: string): Promise<void>;
  /** All containers of this cluster, adopted ones included. */
  list(): Promise<readonly ContainerStatus[]>;
  /** Called once for each container that exits by itself or is stopped. */
  onExit(listener: (status: ContainerStatus) => void): void;
  /** Runs a command in the container with streams; resolves with its exit code. */
  exec(id: string, command: readonly string[], streams: ContainerStreams): Promise<number>;
  /** Runs a command for a probe. @throws Fault `EXEC_TIMEOUT`. */
  execSync(
    id: string,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ readonly code: number; readonly output: string }>;
  /** Connects to the streams of the container's first process until it ends or the client goes. */
  attach(id: string, streams: ContainerStreams): Promise<void>;
  /**
   * Makes a stand-in answer on exactly these ports: the targetPorts of Services are learned when it runs already.
   * Ports that stay keep their connections. @throws Fault `CONTAINER_CANNOT_RUN` when one is taken in the pod.
   */
  updateStandInPorts(id: string, ports: readonly StandInPort[]): Promise<void>;
  /** Stops supervising; running containers go on. */
  close(): Promise<void>;
}

export type ImagePolicy = 'auto' | 'strict' | 'stand-in';
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** What an image import may say of an image; the command line of a root file system comes from nowhere else. */
export interface ImportOptions {
  /** Name for the image; needed when the archive does not name itself. */
  readonly name?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** `NAME=value` */
  readonly env?: readonly string[];
  /** `80/tcp` or `80` */
  readonly ports?: readonly string[];
}

export interface LocalImage {
  /** As people write it, e.g. `nginx:latest`. */
  readonly reference: string;
  readonly id: string;
  readonly bytes: number;
  /** RFC 3339 */
  readonly created: string;
}

/** The local image store and the resolution rules of design.md. */
export interface ImageService {
  /**
   * Resolves a reference to something runnable under the image policy.
   * `onPull` is called when a registry is about to be asked for the image itself.
   * @throws Fault `ERR_IMAGE_PULL` (strict: neither local nor pullable), `ERR_IMAGE_NEVER_PULL`, `INVALID_IMAGE_NAME`.
   */
  resolve(reference: string, pull: PullPolicy, onPull?: () => void): Promise<ResolvedImage>;
  list(): Promise<readonly LocalImage[]>;
  /** @throws Fault `IMAGE_NOT_FOUND`, `IMAGE_IN_USE` */
  remove(reference: string): Promise<void>;
  /**
   * Takes a docker archive, an OCI archive or layout, or a root file system as directory or tar, compressed or not.
   * @throws Fault `IMAGE_UNREADABLE`, `IMAGE_UNSAFE_PATH`, `IMAGE_NAME_NEEDED`, `IMAGE_WRONG_PLATFORM`
   */
  importArchive(path: string, options: ImportOptions): Promise<readonly LocalImage[]>;
  /** The built-in image, made from the machine's busybox at first use. */
  busybox(): ResolvedImage;
  /**
   * Removes images that no name and no container has any more, as newer ones of the same name leave them, and what
   * killed pulls and imports left. For the start of the daemon, after the containers were adopted and before any is run.
   */
  collect(): Promise<void>;
}
