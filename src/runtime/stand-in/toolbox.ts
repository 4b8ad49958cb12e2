import type { OciRuntime } from '../oci/oci-runtime.ts';
import type { ContainerSpec, ResolvedImage } from '../runtime.ts';

/** How long the toolbox sleeps: the 68 years that fit into 31 bits. */
const sleepSeconds = '2147483647';
const suffix = '.toolbox';

/** A busybox container beside each stand-in that somebody enters, in the pod's namespaces; made when first asked for. */
interface Toolbox {
  /** The id of the running toolbox of a stand-in. */
  enter(spec: ContainerSpec): Promise<string>;
  remove(standIn: string): Promise<void>;
}

/** Whether a container is a toolbox: those are not listed. */
export const isToolbox = (id: string): boolean => id.endsWith(suffix);

export function createToolbox(oci: OciRuntime, busybox: () => ResolvedImage): Toolbox {
  const starting = new Map<string, Promise<unknown>>();
  const start = async (id: string, spec: ContainerSpec): Promise<void> => {
    const old = oci.list().find((container) => container.id === id);
    if (old?.state === 'running') return;
    if (old !== undefined) await oci.remove(id);
    await oci.run(toolboxSpec(id, spec, busybox()));
  };
  return {
    enter: async (spec) => {
      const id = `${spec.id}${suffix}`;
      const begun = starting.get(id) ?? start(id, spec);
      starting.set(id, begun);
      try {
        await begun;
      } finally {
        starting.delete(id);
      }
      return id;
    },
    remove: async (standIn) => {
      const id = `${standIn}${suffix}`;
      if (!oci.has(id)) return;
      await oci.stop(id, 0);
      await oci.remove(id);
    },
  };
}

/** As the stand-in in everything but its image; it says nothing, so its log is not kept. */
function toolboxSpec(id: string, spec: ContainerSpec, image: ResolvedImage): ContainerSpec {
  const { standIn: _unused, terminationMessagePath: _alsoUnused, ...rest } = spec;
  return {
    ...rest,
    id,
    image,
    args: ['sleep', sleepSeconds],
    workingDir: '/',
    env: [...spec.env.filter((entry) => !entry.startsWith('PATH=')), ...image.env],
    tty: false,
    stdin: false,
    stdinOnce: false,
    labels: {},
    logPath: '',
  };
}
