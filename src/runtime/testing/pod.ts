import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKernel, type Kernel, type SandboxNamespaces } from '../../kernel/index.ts';
import { busyboxImage } from '../images/busybox.ts';
import type { ContainerSpec, ResolvedImage } from '../runtime.ts';

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
  /** Removes namespaces and files; the containers must be gone. */
  remove(): void;
  /** Mounts and processes that the pod's directory still has. */
  leftovers(): string[];
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
  const logOf = (id: string): string => join(directory, 'logs', `${id}.log`);
  return {
    directory,
    cgroupRoot: `portolan-test-${process.pid}-${counter}`,
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
    remove: () => {
      for (const path of Object.values(namespaces)) kernel.deleteNamespace(path);
      rmSync(directory, { recursive: true, force: true });
    },
    leftovers: () =>
      readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes(directory) && !line.includes(`${pins}/`)),
  };
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
