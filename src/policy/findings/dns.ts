import { requireAddress } from '../../ip/index.ts';
import { keyOf, type NetworkPolicy, type Pod } from '../../kube/index.ts';
import type { Party, PolicyWorld } from '../contract.ts';
import { isolates } from '../evaluators/network-policy.ts';
import { judgeConnection } from '../judge-connection.ts';
import { addressOf, isPolicyPod } from '../policy-pods.ts';
import { protocolNumbers } from '../protocols.ts';
import { isClusterPolicy } from '../selection.ts';
import type { Check, FindingWorld } from './finding.ts';

/** Where clusters answer names, and by which labels everybody finds it there. */
const NAMESPACE = 'kube-system';
const LABELS = { 'k8s-app': 'kube-dns' };
const PORT = 53;

/**
 * Pods whose egress the policy isolates, and that nothing lets ask cluster DNS: the way in which most first egress
 * policies fail. Other policies count, and so does the policy as it would be.
 */
export const blocksDns: Check = ({ world, policy, selected }) => {
  if (isClusterPolicy(policy) || !isolates(policy, 'egress')) return [];
  const after = neighboursOf(policy, world);
  const servers = serversOf(world);
  // Replicas are alike to policies: one of them is asked about.
  const replicas = Map.groupBy(selected, ({ metadata }) => JSON.stringify(metadata.labels));
  const cut = [...replicas.values()]
    .filter(([pod]) => pod !== undefined && !servers.some((server) => mayAsk(after, pod, server)))
    .flat();
  const [first] = cut;
  if (first === undefined) return [];
  const who =
    cut.length === 1 ? `pod ${keyOf(first)}` : `${cut.length} pods, ${keyOf(first)} among them`;
  const says = `does not admit UDP ${PORT} to cluster DNS (${NAMESPACE}, k8s-app=kube-dns) for ${who}: names will not resolve there`;
  return [{ code: 'BLOCKS_DNS', field: 'spec.egress', says }];
};

/** What says of the egress of pods that the policy may select: no other namespace's policies do. */
function neighboursOf(policy: NetworkPolicy, world: FindingWorld): PolicyWorld {
  const isNeighbour = ({ metadata }: NetworkPolicy): boolean =>
    metadata.namespace === policy.metadata.namespace;
  const neighbours = [...world.policies].filter(([, each]) => isNeighbour(each));
  return { ...world, policies: new Map(neighbours).set(keyOf(policy), policy) };
}

function mayAsk(world: PolicyWorld, pod: Pod, destination: Party): boolean {
  const address = addressOf(pod);
  const source = { pod, ...(address && { address }) };
  const attempt = { source, destination, protocol: protocolNumbers.UDP, port: PORT };
  return judgeConnection(world, attempt).egress.admits;
}

/** The pods of cluster DNS; where there are none, as in manifests alone, the ones that a cluster would have. */
function serversOf({ pods }: FindingWorld): Party[] {
  const found = [...pods.values()].filter(
    (pod) =>
      isPolicyPod(pod) &&
      pod.metadata.namespace === NAMESPACE &&
      pod.metadata.labels?.['k8s-app'] === LABELS['k8s-app'],
  );
  if (found.length === 0) return [{ pod: usualServer, address: requireAddress('10.96.0.10') }];
  return found.map((pod) => {
    const address = addressOf(pod);
    return { pod, ...(address && { address }) };
  });
}

const usualServer: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'coredns', namespace: NAMESPACE, labels: LABELS },
  spec: {
    containers: [
      {
        name: 'coredns',
        ports: [
          { name: 'dns', containerPort: PORT, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: PORT, protocol: 'TCP' },
        ],
      },
    ],
  },
};
