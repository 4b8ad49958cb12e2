import {
  clusterNetworkPolicyKind,
  networkPolicyKind,
  qualifiedName,
  type AnyObject,
} from '../../kube/index.ts';
import type { AdmissionOutcome, AdmissionPlugin, AdmissionRequest } from './contract.ts';

export interface PolicyAdviceOptions {
  /** False where the cluster's network lets everything through, whatever the policies say; true when absent. */
  readonly policyEnforcement?: boolean;
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

/** Tells whoever writes a policy what will not work as it reads. It refuses nothing, and changes nothing. */
export class PolicyAdvice implements AdmissionPlugin {
  readonly name = 'PolicyAdvice';
  private readonly isEnforced: boolean;

  constructor({ policyEnforcement = true }: PolicyAdviceOptions) {
    this.isEnforced = policyEnforcement;
  }

  admit({ kind, subresource, object }: AdmissionRequest): AdmissionOutcome | undefined {
    const isPolicy = subresource === '' && policies.has(qualifiedName(kind));
    if (object === undefined || !isPolicy) return undefined;
    return { warnings: this.isEnforced ? [] : [notEnforced(object)] };
  }
}
