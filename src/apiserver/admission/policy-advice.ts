import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../../fault/index.ts';
import {
  clusterNetworkPolicyKind,
  keyOf,
  namespaceKind,
  networkPolicyKind,
  nodeKind,
  podKind,
  qualifiedName,
  serviceKind,
  type AnyObject,
  type ClusterNetworkPolicy,
  type KubeObject,
  type NetworkPolicy,
  type Resource,
} from '../../kube/index.ts';
import { policyFindings, type FindingWorld } from '../../policy/index.ts';
import type {
  AdmissionOutcome,
  AdmissionPlugin,
  AdmissionReader,
  AdmissionRequest,
} from './contract.ts';

export interface PolicyAdviceOptions {
  readonly reader: AdmissionReader;
  /** False where the cluster's network lets everything through, whatever the policies say; true when absent. */
  readonly policyEnforcement?: boolean;
  /** Takes why there is no advice, should finding it fail. */
  log?(text: string): void;
}

const policies: ReadonlySet<string> = new Set(
  [networkPolicyKind, clusterNetworkPolicyKind].map(qualifiedName),
);

function notEnforced({ kind, metadata }: AnyObject): string {
  const { name, namespace } = metadata;
  const at = namespace === undefined ? name : `${namespace}/${name}`;
  return (
    `policies are not enforced on the network of this cluster: ${kind} ${at} is stored, and pods connect as if it were not there; ` +
    'a cluster started with --cni portolan, the default, enforces them'
  );
}

/** The cluster as it is now, for policies to be checked against. */
async function readWorld(reader: AdmissionReader): Promise<FindingWorld> {
  const all = async <T extends KubeObject>(resource: Resource<T>): Promise<Map<string, T>> =>
    new Map((await reader.list(resource)).map((object) => [keyOf(object), object]));
  const [namespaces, nodes, pods, services, policies, clusterPolicies] = await Promise.all([
    all(namespaceKind),
    all(nodeKind),
    all(podKind),
    all(serviceKind),
    all(networkPolicyKind),
    all(clusterNetworkPolicyKind),
  ]);
  return { namespaces, nodes, pods, services, policies, clusterPolicies };
}

/** Tells whoever writes a policy what will not work as it reads. It refuses nothing, and changes nothing. */
export class PolicyAdvice implements AdmissionPlugin {
  readonly name = 'PolicyAdvice';
  private readonly options: PolicyAdviceOptions;
  private turn: Promise<void> = Promise.resolve();

  constructor(options: PolicyAdviceOptions) {
    this.options = options;
  }

  admit({ kind, subresource, object }: AdmissionRequest): AdmissionOutcome | undefined {
    const isPolicy = subresource === '' && policies.has(qualifiedName(kind));
    if (object === undefined || !isPolicy) return undefined;
    const { policyEnforcement = true } = this.options;
    return {
      warnings: policyEnforcement ? [] : [notEnforced(object)],
      advise: (written) => this.advise(written),
    };
  }

  private async advise(written: AnyObject): Promise<readonly string[]> {
    const policy = written as unknown as NetworkPolicy | ClusterNetworkPolicy;
    try {
      await this.takeTurn();
      const findings = policyFindings(await readWorld(this.options.reader), policy);
      return findings.map(({ message }) => message);
    } catch (error) {
      // The policy is written: what is wrong with the advice is not its author's business.
      this.options.log?.(`no advice about ${policy.kind} ${keyOf(policy)}: ${messageOf(error)}`);
      return [];
    }
  }

  /**
   * Whoever watches goes first: with many policies advice takes milliseconds, and nodes have to enforce this one. The
   * advice about one policy for each turn of the event loop, so that a burst of policies keeps nobody waiting.
   */
  private takeTurn(): Promise<void> {
    this.turn = this.turn.then(() => setImmediate());
    return this.turn;
  }
}
