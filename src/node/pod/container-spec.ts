import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../../fault/index.ts';
import {
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  type Container,
  type Pod,
  type VolumeMount,
} from '../../kube/index.ts';
import type {
  ContainerSpec,
  Mount,
  ResolvedImage,
  ResourceLimits,
  StandInPort,
} from '../../runtime/index.ts';
import type { NodeContext } from '../context.ts';
import { containerEnvironment } from './environment.ts';
import { expandVariables } from './expand.ts';
import type { Sandbox } from './sandbox.ts';
import { securitySettings } from './security.ts';
import { subPathOf } from './sub-path.ts';

/** What one attempt of one container is made from. */
export interface ContainerInputs {
  readonly pod: Pod;
  readonly container: Container;
  readonly attempt: number;
  readonly image: ResolvedImage;
  readonly sandbox: Sandbox;
  /** Host path of each volume by name. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly serviceEnv: ReadonlyMap<string, string>;
  readonly standInPorts: readonly StandInPort[];
}

/** The labels by which an agent knows its containers again. */
export interface ContainerLabels {
  readonly [key: string]: string;
  readonly node: string;
  readonly podUid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly attempt: string;
}

/** `LOGS/NAMESPACE_POD_UID/CONTAINER/ATTEMPT.log`, the layout of `/var/log/pods`. */
export function logPath(logs: string, pod: Pod, container: string, attempt: number): string {
  const { namespace = 'default', name, uid = '' } = pod.metadata;
  return join(logs, `${namespace}_${name}_${uid}`, container, `${attempt}.log`);
}

async function volumeMount(
  inputs: ContainerInputs,
  mount: VolumeMount,
  env: ReadonlyMap<string, string>,
): Promise<Mount> {
  const volume = inputs.volumes.get(mount.name);
  if (volume === undefined) {
    throw new Fault({
      code: 'CREATE_CONTAINER_CONFIG_ERROR',
      message: `container ${inputs.container.name} mounts volume "${mount.name}", which the pod does not have`,
    });
  }
  const subPath =
    mount.subPathExpr === undefined ? mount.subPath : expandVariables(mount.subPathExpr, env);
  return {
    hostPath: subPath === undefined || subPath === '' ? volume : await subPathOf(volume, subPath),
    containerPath: mount.mountPath,
    readOnly: mount.readOnly === true || isProjected(inputs.pod, mount.name),
  };
}

/** ConfigMap, Secret, downward API and projected volumes are read-only, whatever the mount says. */
function isProjected(pod: Pod, name: string): boolean {
  const volume = pod.spec.volumes?.find((entry) => entry.name === name);
  return (
    volume !== undefined &&
    (volume.configMap ?? volume.secret ?? volume.projected ?? volume.downwardAPI) !== undefined
  );
}

/** The file on the host in which an attempt of a container leaves its last words. */
export function terminationFile(
  pods: string,
  pod: Pod,
  { container, attempt }: { readonly container: string; readonly attempt: number },
): string {
  return join(pods, pod.metadata.uid ?? '', 'termination', `${container}-${attempt}`);
}

/** hosts, hostname, resolv.conf and the termination log, unless the container mounts its own over them. */
async function systemMounts(inputs: ContainerInputs, termination: string): Promise<Mount[]> {
  const { container, sandbox } = inputs;
  await mkdir(dirname(termination), { recursive: true });
  await writeFile(termination, '');
  // Apart from writeFile, whose mode the umask cuts: the container may run as anybody.
  await chmod(termination, 0o666);
  const taken = new Set((container.volumeMounts ?? []).map(({ mountPath }) => mountPath));
  return [
    { hostPath: sandbox.files.hosts, containerPath: '/etc/hosts', readOnly: false },
    { hostPath: sandbox.files.hostname, containerPath: '/etc/hostname', readOnly: false },
    { hostPath: sandbox.files.resolvConf, containerPath: '/etc/resolv.conf', readOnly: false },
    {
      hostPath: termination,
      containerPath: container.terminationMessagePath ?? '/dev/termination-log',
      readOnly: false,
    },
  ].filter(({ containerPath }) => !taken.has(containerPath));
}

function milliCpu(text: string | number): number {
  return Number(quantityMilliValue(parseQuantity(text)));
}

function limits(container: Container): ResourceLimits {
  const cpu = container.resources?.limits?.['cpu'];
  const memory = container.resources?.limits?.['memory'];
  const share = container.resources?.requests?.['cpu'];
  return {
    ...(memory === undefined ? {} : { memoryBytes: Number(quantityValue(parseQuantity(memory))) }),
    ...(cpu === undefined ? {} : { cpuQuota: Math.max(1000, milliCpu(cpu) * 100) }),
    // 1024 shares a CPU, at least the kernel's minimum of 2.
    cpuShares: Math.max(2, Math.round((milliCpu(share ?? '0') * 1024) / 1000)),
  };
}

function argumentsOf(inputs: ContainerInputs, env: ReadonlyMap<string, string>): string[] {
  const { container, image } = inputs;
  const expand = (texts: readonly string[]): string[] =>
    texts.map((text) => expandVariables(text, env));
  const hasCommand = (container.command ?? []).length > 0;
  const command = hasCommand ? expand(container.command ?? []) : image.entrypoint;
  const hasArgs = (container.args ?? []).length > 0;
  const fallback = hasCommand ? [] : image.command;
  return [...command, ...(hasArgs ? expand(container.args ?? []) : fallback)];
}

function standIn(context: NodeContext, inputs: ContainerInputs): ContainerSpec['standIn'] {
  const { pod, container, image, sandbox, standInPorts } = inputs;
  if (image.kind !== 'stand-in') return undefined;
  return {
    ports: standInPorts,
    identity: {
      pod: pod.metadata.name,
      namespace: pod.metadata.namespace ?? 'default',
      node: context.nodeName,
      podIPs: sandbox.podIPs,
      container: container.name,
      image: image.reference,
    },
  };
}

/** Makes the runtime's specification of one attempt, and the files it mounts. */
export async function containerSpec(
  context: NodeContext,
  inputs: ContainerInputs,
): Promise<ContainerSpec> {
  const { pod, container, attempt, image, sandbox } = inputs;
  const { own, all } = containerEnvironment(context, {
    pod,
    container,
    podIPs: sandbox.podIPs,
    imageEnv: image.env,
    serviceEnv: inputs.serviceEnv,
  });
  if (!all.has('HOSTNAME')) all.set('HOSTNAME', sandbox.hostname);
  const termination = terminationFile(context.paths.pods, pod, {
    container: container.name,
    attempt,
  });
  const mounts: Mount[] = await systemMounts(inputs, termination);
  for (const mount of container.volumeMounts ?? []) {
    mounts.push(await volumeMount(inputs, mount, own));
  }
  const log = logPath(context.paths.logs, pod, container.name, attempt);
  await mkdir(dirname(log), { recursive: true });
  const labels: ContainerLabels = {
    node: context.nodeName,
    podUid: pod.metadata.uid ?? '',
    namespace: pod.metadata.namespace ?? 'default',
    pod: pod.metadata.name,
    container: container.name,
    attempt: String(attempt),
  };
  const standInPart = standIn(context, inputs);
  return {
    id: randomBytes(16).toString('hex'),
    image: { ...image, stopSignal: container.lifecycle?.stopSignal ?? image.stopSignal },
    namespaces: sandbox.namespaces,
    hostname: sandbox.hostname,
    args: argumentsOf(inputs, own),
    env: [...all].map(([name, value]) => `${name}=${value}`),
    workingDir: container.workingDir ?? (image.workingDir === '' ? '/' : image.workingDir),
    mounts,
    tty: container.tty === true,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    resources: limits(container),
    security: securitySettings(pod, container, image),
    logPath: log,
    terminationMessagePath: termination,
    cgroupParent: `pod-${pod.metadata.uid ?? ''}`,
    labels,
    ...(standInPart === undefined ? {} : { standIn: standInPart }),
  };
}
