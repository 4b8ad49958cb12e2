import {
  keyOf,
  type ClusterNetworkPolicy,
  type KubeObject,
  type Namespace,
  type NetworkPolicy,
  type Node,
  type Pod,
  type StringMap,
} from '../../../kube/index.ts';
import type { PolicyWorld } from '../../../policy/index.ts';
import { Source } from './source.ts';

/** What the API of a lab has. */
export class LabObjects {
  readonly sources = {
    namespaces: new Source<Namespace>(),
    pods: new Source<Pod>(),
    nodes: new Source<Node>(),
    policies: new Source<NetworkPolicy>(),
    clusterPolicies: new Source<ClusterNetworkPolicy>(),
  };
  private version = 0;

  protected meta(apiVersion: string, kind: string, name: string, namespace?: string) {
    this.version += 1;
    const uid = `${kind}-${namespace ?? ''}-${name}-${this.version}`.toLowerCase();
    const resourceVersion = String(this.version);
    const metadata = { name, uid, resourceVersion, ...(namespace !== undefined && { namespace }) };
    return { apiVersion, kind, metadata };
  }

  namespace(name: string, labels: StringMap = {}): void {
    const object = this.meta('v1', 'Namespace', name);
    const all = { ...labels, 'kubernetes.io/metadata.name': name };
    this.sources.namespaces.set({ ...object, metadata: { ...object.metadata, labels: all } });
  }

  /** Replaces parts of a pod's object. */
  change(pod: { object: Pod }, parts: Partial<Pod>): void {
    this.version += 1;
    const next = { ...pod.object, ...parts };
    const resourceVersion = String(this.version);
    pod.object = { ...next, metadata: { ...next.metadata, resourceVersion } };
    this.sources.pods.set(pod.object);
  }

  relabel(pod: { object: Pod }, labels: StringMap): void {
    this.change(pod, { metadata: { ...pod.object.metadata, labels } });
  }

  policy(name: string, spec: NetworkPolicy['spec'], namespace = 'default'): void {
    const object = this.meta('networking.k8s.io/v1', 'NetworkPolicy', name, namespace);
    this.sources.policies.set({ ...object, spec: withDefaults(spec) });
  }

  clusterPolicy(name: string, spec: ClusterNetworkPolicy['spec']): void {
    const object = this.meta('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', name);
    this.sources.clusterPolicies.set({ ...object, spec });
  }

  /** Takes all policies away. */
  clear(): void {
    for (const source of [this.sources.policies, this.sources.clusterPolicies]) {
      for (const object of source.list()) source.delete(keyOf(object));
    }
  }

  /** What connections are judged by. */
  get world(): PolicyWorld {
    const byKey = <T extends KubeObject>(source: Source<T>): Map<string, T> =>
      new Map(source.list().map((object) => [keyOf(object), object]));
    const { namespaces, policies, clusterPolicies, nodes } = this.sources;
    return {
      namespaces: byKey(namespaces),
      policies: byKey(policies),
      clusterPolicies: byKey(clusterPolicies),
      nodes: byKey(nodes),
    };
  }
}

/** As the API server fills in (row 4). */
function withDefaults(spec: NetworkPolicy['spec']): NetworkPolicy['spec'] {
  const isEgress = (spec.egress ?? []).length > 0;
  const rules = [...(spec.ingress ?? []), ...(spec.egress ?? [])];
  for (const port of rules.flatMap(({ ports }) => ports ?? [])) port.protocol ??= 'TCP';
  return { policyTypes: isEgress ? ['Ingress', 'Egress'] : ['Ingress'], ...spec };
}
