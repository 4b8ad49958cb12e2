import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import type { Condition, Node, NodeStatus } from '../kube/index.ts';

/** What a node says of itself. */
export interface NodeFacts {
  readonly name: string;
  /** Addresses on the underlay, primary first. */
  readonly nodeIPs: readonly string[];
  readonly podCidrs: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** `v1.36.0+portolan` */
  readonly version: string;
  /** `runc://1.1.5` */
  readonly runtimeVersion: string;
}

/** The machine's share that a node offers: every node may use all of it, as in other local clusters. */
const PODS = 110;
const EPHEMERAL_STORAGE = '100Gi';

function readTrimmed(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function osImage(): string {
  const line = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readTrimmed('/etc/os-release'));
  return line?.[1] ?? 'Linux';
}

/** Go's name of the processor architecture. */
function architecture(): string {
  return { x64: 'amd64', arm64: 'arm64' }[arch() as string] ?? arch();
}

/** The Node as it is created: labels, taints and pod CIDRs; its status is written apart. */
export function nodeObject(facts: NodeFacts): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: facts.name,
      labels: {
        'beta.kubernetes.io/arch': architecture(),
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': architecture(),
        'kubernetes.io/hostname': facts.name,
        'kubernetes.io/os': 'linux',
        ...facts.labels,
      },
    },
    spec: {
      ...(facts.podCidrs[0] === undefined ? {} : { podCIDR: facts.podCidrs[0] }),
      podCIDRs: [...facts.podCidrs],
    },
  };
}

const healthy: readonly (readonly [type: string, reason: string, message: string])[] = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
];

/** The Ready condition; several problems stand in brackets, as the kubelet aggregates them. */
function readiness(problems: readonly string[]): Omit<Condition, 'type'> {
  if (problems.length === 0) {
    return { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };
  }
  const message = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
  return { status: 'False', reason: 'KubeletNotReady', message };
}

function conditions(node: Node, now: string, problems: readonly string[]): Condition[] {
  const make = (type: string, is: Omit<Condition, 'type'>): Condition => {
    const old = node.status?.conditions?.find((entry) => entry.type === type);
    const lastTransitionTime = old?.status === is.status ? (old.lastTransitionTime ?? now) : now;
    return { type, ...is, lastHeartbeatTime: now, lastTransitionTime };
  };
  return [
    ...healthy.map(([type, reason, message]) => make(type, { status: 'False', reason, message })),
    make('Ready', readiness(problems)),
  ];
}

/** The node's whole status; `now` is an RFC 3339 time, `problems` what keeps it from being Ready. */
export function nodeStatus(
  facts: NodeFacts,
  node: Node,
  how: { readonly now: string; readonly problems: readonly string[] },
): NodeStatus {
  const amounts = {
    cpu: String(cpus().length),
    'ephemeral-storage': EPHEMERAL_STORAGE,
    'hugepages-2Mi': '0',
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: String(PODS),
  };
  const machine = readTrimmed('/etc/machine-id');
  return {
    addresses: [
      ...facts.nodeIPs.map((address) => ({ type: 'InternalIP' as const, address })),
      { type: 'Hostname', address: facts.name },
    ],
    capacity: amounts,
    allocatable: amounts,
    conditions: conditions(node, how.now, how.problems),
    nodeInfo: {
      architecture: architecture(),
      bootID: readTrimmed('/proc/sys/kernel/random/boot_id'),
      containerRuntimeVersion: facts.runtimeVersion,
      kernelVersion: release(),
      kubeProxyVersion: facts.version,
      kubeletVersion: facts.version,
      machineID: machine,
      operatingSystem: 'linux',
      osImage: osImage(),
      systemUUID: machine,
    },
  };
}
