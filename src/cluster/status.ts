import type { Cloud } from '../cloud/index.ts';
import type { InformerSet } from '../client/index.ts';
import { formatAddress } from '../ip/index.ts';
import {
  isConditionTrue,
  isPodTerminal,
  nodeKind,
  podKind,
  keyOf,
  serviceKind,
  type Pod,
  type Service,
} from '../kube/index.ts';
import type { Publisher } from '../publish/index.ts';
import type { DaemonStatus, PublishedPort, StandInSummary } from './daemon/messages.ts';
import { cniOf, sharedConfigFolder } from './cni-choice.ts';
import type { ClusterDirectories } from './directories.ts';
import type { ClusterNetwork } from './network.ts';
import type { Publishing } from './published.ts';
import { nodeLoopback } from './loopback.ts';
import type { ClusterRecord } from './record.ts';
import { kubernetesVersion } from './versions.ts';

export interface StatusSources {
  readonly directories: ClusterDirectories;
  readonly record: ClusterRecord;
  readonly network: ClusterNetwork;
  readonly informers: InformerSet;
  readonly publisher: Publisher;
  readonly publishing: Publishing;
  readonly cloud: Cloud;
}

const STAND_IN = 'stand-in://';
const HTTPS = 443;

type ServicePort = NonNullable<Service['spec']['ports']>[number];

function standInsOf(pod: Pod): StandInSummary[] {
  return (pod.status?.containerStatuses ?? [])
    .filter(({ imageID }) => imageID.startsWith(STAND_IN))
    .map(({ name, image }) => ({
      namespace: pod.metadata.namespace ?? '',
      pod: pod.metadata.name,
      container: name,
      image,
    }));
}

function speaksTls({ port, name, appProtocol }: ServicePort): boolean {
  return port === HTTPS || name === 'https' || appProtocol?.toLowerCase() === 'https';
}

function byService(a: PublishedPort, b: PublishedPort): number {
  return a.service < b.service ? -1 : Number(a.service > b.service);
}

/** Which Service has a node port; the first node's address stands for all. */
function portsOf({ record, informers, publisher, cloud }: StatusSources): PublishedPort[] {
  const first = nodeLoopback(record.index, 1);
  const owners = new Map<string, Pick<PublishedPort, 'service' | 'isTls'>>();
  for (const service of informers.of(serviceKind).list()) {
    for (const port of service.spec.ports ?? []) {
      const { nodePort, protocol = 'TCP' } = port;
      const owner = { service: keyOf(service), isTls: speaksTls(port) };
      if (nodePort !== undefined) owners.set(`${protocol}/${nodePort}`, owner);
    }
  }
  return publisher
    .list()
    .filter(({ listen }) => listen.address === first)
    .map(({ listen, target, protocol }) => ({
      ...(owners.get(`${protocol}/${listen.port}`) ?? {
        service: balancedBy(cloud, target.address),
        isTls: target.port === HTTPS,
      }),
      protocol,
      address: listen.address,
      port: listen.port,
    }));
}

/** The Service that a load balancer's address belongs to. */
function balancedBy(cloud: Cloud, address: string): string {
  const found = cloud.list().find(({ externalIPs }) => externalIPs.includes(address));
  return found === undefined ? '' : `${found.namespace}/${found.name}`;
}

/** Where the host finds the load balancers. */
function balancerPorts({ cloud }: StatusSources): PublishedPort[] {
  return cloud.list().flatMap(({ namespace, name, hostAddress, ports }) =>
    hostAddress === undefined
      ? []
      : ports.map(({ port, protocol }) => ({
          service: `${namespace}/${name}`,
          protocol,
          address: hostAddress,
          port,
          isTls: port === HTTPS,
        })),
  );
}

/** What users of another network would miss, and what nodes wait for. */
function networkProblems({ record, directories, informers, network }: StatusSources): string[] {
  const { name, network: kind, policyEnforcement } = cniOf(record);
  const waiting = network.nodes
    .map((place) => place.name)
    .filter((node) => kind === 'plugins' && !isReady(informers, node));
  return [
    ...(policyEnforcement ? [] : [`NetworkPolicies are accepted, not enforced (--cni ${name})`]),
    ...(waiting.length === 0
      ? []
      : [
          `${waiting.join(', ')} not ready: for the reason see kubectl describe node; network configurations belong in ${sharedConfigFolder(directories)}`,
        ]),
  ];
}

function isReady(informers: InformerSet, node: string): boolean {
  return isConditionTrue(informers.of(nodeKind).get(node)?.status?.conditions, 'Ready');
}

/** The cluster's account of itself. */
export function clusterStatus(sources: StatusSources): DaemonStatus {
  const { record, network, informers, publishing } = sources;
  // A pod that has done its work is nobody's to wait for.
  const pods = informers
    .of(podKind)
    .list()
    .filter((pod) => !isPodTerminal(pod));
  const cni = cniOf(record);
  return {
    name: record.name,
    version: kubernetesVersion,
    pid: process.pid,
    apiServer: `https://127.0.0.1:${record.apiPort}`,
    images: record.images,
    cni: { name: cni.name, policyEnforcement: cni.policyEnforcement },
    nodes: network.nodes.map(({ name, addresses }) => ({
      name,
      internalIP: addresses.nodeIPs[0] === undefined ? '' : formatAddress(addresses.nodeIPs[0]),
      loopback: nodeLoopback(record.index, addresses.ordinal),
      isReady: isReady(informers, name),
    })),
    pods: {
      total: pods.length,
      ready: pods.filter((pod) => isConditionTrue(pod.status?.conditions, 'Ready')).length,
    },
    standIns: pods.flatMap(standInsOf),
    ports: [...portsOf(sources), ...balancerPorts(sources)].sort(byService),
    problems: [
      ...networkProblems(sources),
      ...publishing.problems,
      ...sources.cloud.list().flatMap(({ problems }) => problems),
    ],
  };
}
