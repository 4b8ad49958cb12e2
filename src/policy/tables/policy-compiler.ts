import type { Address, Cidr } from '../../ip/index.ts';
import {
  keyOf,
  type ClusterNetworkPolicy,
  type Namespace,
  type NetworkPolicy,
  type Node,
  type Pod,
  type StringMap,
} from '../../kube/index.ts';
import type { Entry, TableChanges } from '../compiled.ts';
import { namespaceLabels } from '../selectors.ts';
import { AddressSigner, BlockTerms } from './address-signer.ts';
import { Admissions } from './admissions.ts';
import { ClassTable, type AddressClass } from './class-table.ts';
import { compileClusterPolicy } from './compile-cluster-policy.ts';
import { compileNetworkPolicy } from './compile-network-policy.ts';
import { Ledger } from './ledger.ts';
import { Outside } from './outside.ts';
import { PodTable, type PodRecord } from './pod-table.ts';
import { PolicyIndex } from './policy-index.ts';
import { PortSets } from './port-sets.ts';
import { TermTable } from './term-table.ts';
import { matchesPod, type BlockQuery, type PodQuery, type Query, type Term } from './term.ts';

/**
 * The policies of a cluster as tables, kept up change by change. Setters only note what changed; `drain` works it out
 * once for everything noted, so that a burst costs one pass.
 */
export class PolicyCompiler {
  private readonly ledger = new Ledger();
  private readonly terms = new TermTable();
  private readonly policies = new PolicyIndex(this.terms);
  private readonly pods = new PodTable();
  private readonly blocks = new BlockTerms();
  private readonly portSets = new PortSets(this.ledger);
  private readonly classes = new ClassTable({
    changed: (changed) => this.followClass(changed),
    removed: (removed) => this.admissions.forget(removed),
  });
  private readonly admissions = new Admissions({
    ledger: this.ledger,
    portSets: this.portSets,
    classes: this.classes,
    policiesOf: (subject) => this.policies.of(subject),
  });
  private readonly signer = new AddressSigner({
    ledger: this.ledger,
    classes: this.classes,
    pods: this.pods,
    blocks: this.blocks,
    isNameUsed: (name) => this.policies.isNameUsed(name),
  });
  private readonly outside = new Outside({
    ledger: this.ledger,
    classes: this.classes,
    terms: this.terms,
    blocks: this.blocks,
  });
  private readonly namespaces = new Map<string, Namespace>();
  private readonly dirtyPods = new Set<PodRecord>();

  /** Blocks that pods get addresses of; addresses in them that no pod is known to have are admitted by nobody. */
  setPodRanges(ranges: readonly Cidr[]): void {
    this.outside.setPodRanges(ranges);
  }

  setNamespace(namespace: Namespace): void {
    const { name, labels } = namespace.metadata;
    const old = this.namespaces.get(name);
    this.namespaces.set(name, namespace);
    if (old === undefined || !isSameMap(old.metadata.labels, labels)) this.touchNamespace(name);
  }

  removeNamespace(name: string): void {
    if (this.namespaces.delete(name)) this.touchNamespace(name);
  }

  /** A pod as it is now. Pods in their node's network and pods that have ended have no part in the tables. */
  setPod(pod: Pod): void {
    this.follow(this.pods.set(pod));
  }

  /** By uid, or by `namespace/name` of a pod that has none. */
  removePod(id: string): void {
    this.signer.mark(this.pods.remove(id));
  }

  /** A pod is about to get these addresses: before its first packet, and before its status says so. */
  announce(pod: Pod, addresses: readonly Address[]): void {
    this.follow(this.pods.announce(pod, addresses));
  }

  /** Takes an announcement back; addresses in the pod's status stay. */
  retract(id: string): void {
    this.signer.mark(this.pods.retract(id));
  }

  setPolicy(policy: NetworkPolicy): void {
    const retain = (query: Query): Term => this.terms.retain(query);
    this.policies.set(`NetworkPolicy ${keyOf(policy)}`, compileNetworkPolicy(policy, retain));
  }

  /** By `namespace/name`. */
  removePolicy(key: string): void {
    this.policies.delete(`NetworkPolicy ${key}`);
  }

  setClusterPolicy(policy: ClusterNetworkPolicy): void {
    const retain = (query: Query): Term => this.terms.retain(query);
    const compiled = compileClusterPolicy(policy, retain);
    this.policies.set(`ClusterNetworkPolicy ${policy.metadata.name}`, compiled);
  }

  removeClusterPolicy(name: string): void {
    this.policies.delete(`ClusterNetworkPolicy ${name}`);
  }

  setNode(node: Node): void {
    this.outside.setNode(node);
  }

  removeNode(name: string): void {
    this.outside.removeNode(name);
  }

  /** What changed since the last call; the first call returns all there is. */
  drain(): TableChanges {
    this.settle();
    return this.ledger.drain();
  }

  /** All entries as of now; does not drain. */
  full(): Entry[] {
    this.settle();
    return this.ledger.full();
  }

  private settle(): void {
    this.settleTerms();
    const { policies, names } = this.policies.takeChanges();
    for (const name of names) this.touchPortName(name);
    for (const record of this.dirtyPods) this.evaluatePod(record);
    this.dirtyPods.clear();
    this.signer.flush();
    this.outside.flush();
    for (const policy of policies) {
      for (const subject of this.policies.subjectsOf(policy, this.classes)) {
        this.admissions.markSubject(subject);
      }
    }
    this.classes.sweep();
    this.admissions.flush();
    this.portSets.sweep();
  }

  private follow({ record, slots }: ReturnType<PodTable['set']>): void {
    this.dirtyPods.add(record);
    this.signer.mark(slots);
  }

  private touchNamespace(name: string): void {
    for (const record of this.pods.inNamespace(name)) this.dirtyPods.add(record);
  }

  private touchPortName(name: string): void {
    for (const record of this.pods.all()) {
      if (record.ports.some((port) => port.name === name)) this.markSlots(record);
    }
  }

  private markSlots(record: PodRecord): void {
    this.signer.mark(this.pods.slotsOf(record));
  }

  private settleTerms(): void {
    const { added, removed } = this.terms.takeChanges();
    for (const term of removed) this.dropTerm(term);
    for (const term of added) this.evaluateTerm(term);
  }

  private dropTerm(term: Term): void {
    if (isBlock(term)) {
      this.blocks.remove(term);
      this.outside.removeBlock(term);
      this.signer.markBlock(term);
    } else if (isPods(term)) {
      for (const record of this.askedBy(term)) {
        if (record.terms.delete(term)) this.markSlots(record);
      }
    } else this.outside.touchNodes();
  }

  private evaluateTerm(term: Term): void {
    if (isBlock(term)) {
      this.blocks.add(term);
      this.outside.addBlock(term);
      this.signer.markBlock(term);
    } else if (isPods(term)) {
      for (const record of this.askedBy(term)) {
        if (!this.matches(term, record)) continue;
        record.terms.add(term);
        this.markSlots(record);
      }
    } else this.outside.touchNodes();
  }

  private evaluatePod(record: PodRecord): void {
    record.terms = new Set();
    for (const term of this.terms.askedOf(record.namespace)) {
      if (this.matches(term, record)) record.terms.add(term);
    }
    this.markSlots(record);
  }

  private askedBy({ query: { namespace } }: Term<PodQuery>): Iterable<PodRecord> {
    return typeof namespace === 'string' ? this.pods.inNamespace(namespace) : this.pods.all();
  }

  private matches({ query }: Term<PodQuery>, { namespace, pod }: PodRecord): boolean {
    return matchesPod(query, namespace, {
      namespace: this.labelsOf(namespace),
      pod: pod.metadata.labels,
    });
  }

  private labelsOf(namespace: string): StringMap {
    return namespaceLabels(this.namespaces, namespace);
  }

  /** Marks what a new or changed class is to others, as subject and as peer. */
  private followClass(changed: AddressClass): void {
    this.admissions.markSubject(changed);
    this.admissions.markPeer(changed);
    const policies = new Set([...changed.terms].flatMap(({ peerOf }) => [...peerOf]));
    for (const { name } of changed.ports) {
      for (const policy of this.policies.naming(name)) policies.add(policy);
    }
    for (const policy of policies) {
      for (const subject of this.policies.subjectsOf(policy, this.classes)) {
        this.admissions.markCell(subject, changed);
      }
    }
  }
}

function isBlock(term: Term): term is Term<BlockQuery> {
  return term.query.kind === 'block';
}

function isPods(term: Term): term is Term<PodQuery> {
  return term.query.kind === 'pods';
}

function isSameMap(one: StringMap = {}, two: StringMap = {}): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(two).length && keys.every((key) => one[key] === two[key]);
}
