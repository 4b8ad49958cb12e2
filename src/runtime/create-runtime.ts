import type { Kernel } from '../kernel/kernel.ts';
import { availableCapabilities } from './oci/capabilities.ts';
import { detectCgroups } from './oci/cgroups.ts';
import { openFilesLimit } from './oci/config.ts';
import { layoutOf } from './oci/layout.ts';
import { OciRuntime } from './oci/oci-runtime.ts';
import { rememberSize } from './remember-size.ts';
import type {
  ContainerRuntime,
  ContainerStatus,
  InProcessProgram,
  ResolvedImage,
} from './runtime.ts';
import { createPages } from './stand-in/pages.ts';
import { StandInRuntime } from './stand-in/stand-in-runtime.ts';
import { createToolbox, isToolbox } from './stand-in/toolbox.ts';

export interface ContainerRuntimeOptions {
  /** The containers of one cluster are kept below it; absolute. */
  readonly directory: string;
  readonly kernel: Kernel;
  /** Name of the cluster's own cgroup, e.g. `portolan-NAME`: unique on the machine, without a slash. */
  readonly cgroupRoot: string;
  /** The built-in image, for `exec` into stand-ins. */
  readonly busybox: () => ResolvedImage;
  /** What this process does itself, by the image that it takes the place of, e.g. `registry.k8s.io/coredns/coredns:v1`. */
  readonly programs?: ReadonlyMap<string, InProcessProgram>;
  /** Containers that are being started at a time; 5 by default, which keeps two cores busy. */
  readonly parallelStarts?: number;
  /** Size at which a log is begun anew; 10 MiB by default, as the kubelet's containerLogMaxSize. */
  readonly logSizeBytes?: number;
  /** Called once with what this machine cannot do, e.g. that resource limits are ignored. */
  readonly onLimitation?: (message: string) => void;
}

const defaultParallelStarts = 5;
const defaultLogSizeBytes = 10 * 1024 * 1024;

/**
 * Opens the container runtime of one cluster and adopts the containers that an earlier process left running. Images
 * with a root file system run under runc and conmon, stand-ins in this process; both look alike.
 */
export async function createContainerRuntime(
  options: ContainerRuntimeOptions,
): Promise<ContainerRuntime> {
  const { directory, kernel, cgroupRoot } = options;
  const layout = layoutOf(directory);
  const logSizeBytes = options.logSizeBytes ?? defaultLogSizeBytes;
  const parallelStarts = options.parallelStarts ?? defaultParallelStarts;
  const cgroups = detectCgroups(cgroupRoot);
  if (cgroups.limitation !== undefined) options.onLimitation?.(cgroups.limitation);
  const machine = {
    cgroups,
    capabilities: availableCapabilities(),
    openFiles: openFilesLimit(),
  };

  const listeners: ((status: ContainerStatus) => void)[] = [];
  const tellExit = (status: ContainerStatus): void => {
    if (isToolbox(status.id)) return;
    for (const listener of listeners) listener(status);
  };
  const oci = new OciRuntime(
    { layout, kernel, cgroupRoot, machine, parallelStarts, logSizeBytes },
    tellExit,
  );
  const standIns = new StandInRuntime(
    {
      directory: layout.standIns,
      kernel,
      logSizeBytes,
      pages: createPages(),
      programs: options.programs ?? new Map(),
    },
    tellExit,
  );
  await oci.adopt();
  await standIns.adopt();
  return dispatch({ oci, standIns, listeners, busybox: options.busybox });
}

interface Parts {
  readonly oci: OciRuntime;
  readonly standIns: StandInRuntime;
  readonly listeners: ((status: ContainerStatus) => void)[];
  readonly busybox: () => ResolvedImage;
}

/** One runtime out of two: a stand-in is known by its id, anything else is runc's. */
function dispatch({ oci, standIns, listeners, busybox }: Parts): ContainerRuntime {
  const toolbox = createToolbox(oci, busybox);
  /** The container in which commands for `id` run. */
  const enter = async (id: string): Promise<string> =>
    standIns.has(id) ? await toolbox.enter(standIns.specOf(id)) : id;
  return {
    run: (spec) => (spec.image.kind === 'stand-in' ? standIns.run(spec) : oci.run(spec)),
    stop: async (id, graceSeconds) => {
      if (!standIns.has(id)) return await oci.stop(id, graceSeconds);
      const status = await standIns.stop(id, graceSeconds);
      await toolbox.remove(id);
      return status;
    },
    remove: async (id) => {
      if (!standIns.has(id)) return await oci.remove(id);
      await toolbox.remove(id);
      standIns.remove(id);
      return undefined;
    },
    list: async () => [...oci.list().filter(({ id }) => !isToolbox(id)), ...standIns.list()],
    onExit: (listener) => {
      listeners.push(listener);
    },
    exec: async (id, command, streams) => {
      const remembered = rememberSize(streams);
      return await oci.exec(await enter(id), command, remembered);
    },
    execSync: async (id, command, timeoutMs) =>
      await oci.execSync(await enter(id), command, timeoutMs),
    attach: async (id, streams) =>
      standIns.has(id) ? await standIns.attach(id, streams) : await oci.attach(id, streams),
    updateStandInPorts: async (id, ports) => await standIns.updatePorts(id, ports),
    close: async () => {
      oci.close();
      standIns.close();
    },
  };
}
