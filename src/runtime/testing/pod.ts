import { deepEqual } from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKernel, type Kernel, type SandboxNamespaces } from '../../kernel/index.ts';
import { busyboxImage } from '../images/busybox.ts';
import { createContainerRuntime, type ContainerRuntimeOptions } from '../create-runtime.ts';
import { readTextFile } from '../../files/index.ts';
import { purgeContainers } from '../oci/purge.ts';
import type { ContainerRuntime, ContainerSpec, ResolvedImage } from '../runtime.ts';

/** A directory with one pod's real namespaces, and everything that tests of containers need besides a runtime. */
export interface TestPod {
  readonly directory: string;
  readonly cgroupRoot: string;
  readonly kernel: Kernel;
  readonly namespaces: SandboxNamespaces;
  readonly busybox: ResolvedImage;
  /** A spec of a busybox container with sensible defaults. */
  spec(id: string, args: readonly string[], changes?: Partial<ContainerSpec>): ContainerSpec;
  log(id: string): string;
  /** Opens a runtime over the pod's directory; a second one adopts what the first left running. */
  openRuntime(changes?: Partial<ContainerRuntimeOptions>): Promise<ContainerRuntime>;
  /** Closes all runtimes and ends all containers, then removes namespaces and files; fails when anything of the pod is left. */
  remove(): Promise<void>;
}

let counter = 0;

/** Makes a pod in a fresh temporary directory. */
export function makeTestPod(): TestPod {
  counter += 1;
  const directory = mkdtempSync(join(tmpdir(), 'portolan-runtime-test-'));
  const kernel = createKernel();
  const pins = join(directory, 'pod');
  mkdirSync(pins);
  const namespaces = { net: join(pins, 'net'), uts: join(pins, 'uts'), ipc: join(pins, 'ipc') };
  kernel.createSandbox(namespaces, 'web-0');
  const rootfsDirectory = join(directory, 'busybox');
  mkdirSync(rootfsDirectory);
  const busybox = busyboxImage({ rootfsDirectory, binary: '/bin/busybox' }, 'busybox:latest');
  const runtimeDirectory = join(directory, 'runtime');
  const cgroupRoot = `portolan-test-${process.pid}-${counter}`;
  const opened: ContainerRuntime[] = [];
  const logOf = (id: string): string => join(directory, 'logs', `${id}.log`);
  return {
    directory,
    cgroupRoot,
    kernel,
    namespaces,
    busybox,
    spec: (id, args, changes = {}) => ({
      ...plainSpec(id, args),
      image: busybox,
      namespaces,
      logPath: logOf(id),
      env: busybox.env,
      ...changes,
    }),
    log: (id) => (existsSync(logOf(id)) ? readFileSync(logOf(id), 'utf8') : ''),
    openRuntime: async (changes = {}) => {
      const runtime = await createContainerRuntime({
        directory: runtimeDirectory,
        kernel,
        cgroupRoot,
        busybox: () => busybox,
        ...changes,
      });
      opened.push(runtime);
      return runtime;
    },
    remove: async () => {
      // Those that a test which failed left open.
      await Promise.all(opened.map((runtime) => runtime.close()));
      await purgeContainers({ directory: runtimeDirectory, cgroupRoot, kernel });
      for (const path of Object.values(namespaces)) kernel.deleteNamespace(path);
      deepEqual(leftovers(directory, cgroupRoot), []);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Mounts, processes and cgroups that name the pod. */
function leftovers(directory: string, cgroupRoot: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(directory));
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => readTextFile(`/proc/${pid}/cmdline`) ?? '')
    .filter((commandLine) => commandLine.includes(directory));
  const cgroups = readdirSync('/sys/fs/cgroup')
    .map((hierarchy) => join('/sys/fs/cgroup', hierarchy, cgroupRoot))
    .filter((path) => existsSync(path));
  return [...mounts, ...processes, ...cgroups];
}

function plainSpec(
  id: string,
  args: readonly string[],
): Omit<ContainerSpec, 'image' | 'namespaces' | 'logPath' | 'env'> {
  return {
    id,
    args,
    hostname: 'web-0',
    workingDir: '/',
    mounts: [],
    tty: false,
    stdin: false,
    stdinOnce: false,
    resources: {},
    security: {
      privileged: false,
      readOnlyRootFilesystem: false,
      allowPrivilegeEscalation: true,
      supplementalGroups: [],
      addCapabilities: [],
      dropCapabilities: [],
      seccomp: 'RuntimeDefault',
      procMount: 'Default',
    },
    cgroupParent: 'pod-1',
    labels: { pod: 'web-0' },
  };
}
