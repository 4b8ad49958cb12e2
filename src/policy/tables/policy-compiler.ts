import { formatAddress, type Address, type Cidr, type Family } from '../../ip/index.ts';
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
import type { Direction } from '../contract.ts';
import { podId } from '../policy-pods.ts';
import { namespaceLabels } from '../selectors.ts';
import { AddressSigner, BlockTerms } from './address-signer.ts';
import { Admissions } from './admissions.ts';
import { ClassTable, type AddressClass } from './class-table.ts';
import { compileClusterPolicy } from './compile-cluster-policy.ts';
import { compileNetworkPolicy } from './compile-network-policy.ts';
import { Consequences } from './consequences.ts';
import { Ledger } from './ledger.ts';
import { Outside } from './outside.ts';
import { PodTable, type PodRecord } from './pod-table.ts';
import { PolicyIndex } from './policy-index.ts';
import { PortSets } from './port-sets.ts';
import type { Region } from './region.ts';
import { Strangers } from './strangers.ts';
import { TermTable } from './term-table.ts';
import { matchesPod, type BlockQuery, type PodQuery, type Query, type Term } from './term.ts';

export interface CompilerOptions {
  /** Blocks that pods get addresses of; an address in them that no known pod has is admitted by no policy. */
  readonly podRanges?: readonly Cidr[];
  /** Of pods' addresses; both unless said otherwise. */
  readonly families?: readonly Family[];
}

/**
 * The policies of a cluster as tables, kept up change by change. Setters only note what changed; `drain` works it out
 * once for everything noted, so that a burst costs one pass.
 */
export class PolicyCompiler {
  private readonly ledger = new Ledger();
  private readonly terms = new TermTable();
  private readonly policies = new PolicyIndex(this.terms);
  private readonly pods: PodTable;
  private readonly blocks = new BlockTerms();
  private readonly portSets = new PortSets(this.ledger);
  private readonly classes = new ClassTable({
    added: (added) => this.consequences.added(added),
    renamed: (renamed, old, terms) => this.consequences.renamed(renamed, old, terms),
    removed: (removed) => this.admissions.forget(removed),
  });
  private readonly namespaces = new Map<string, Namespace>();
  /** What selectors see of the namespaces that were asked about. */
  private readonly labels = new Map<string, StringMap>();
  private readonly dirtyPods = new Set<PodRecord>();
  private readonly strangers: Strangers;
  private readonly admissions: Admissions;
  private readonly consequences: Consequences;
  private readonly signer: AddressSigner;
  private readonly outside: Outside;

  constructor({ podRanges = [], families = [4, 6] }: CompilerOptions = {}) {
    const { ledger, terms, classes, blocks, portSets, policies } = this;
    const pods = new PodTable(families);
    this.pods = pods;
    this.strangers = new Strangers(classes, podRanges);
    this.admissions = new Admissions({
      ledger,
      portSets,
      classes,
      strangers: this.strangers,
      policiesOf: (subject) => policies.of(subject),
    });
    this.consequences = new Consequences({
      policies,
      classes,
      strangers: this.strangers,
      admissions: this.admissions,
    });
    this.signer = new AddressSigner({
      ledger,
      classes,
      pods,
      blocks,
      isNameUsed: (name) => policies.isNameUsed(name),
    });
    this.outside = new Outside({ ledger, classes, terms, blocks, podRanges });
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

  removePod(pod: Pod): void {
    this.signer.mark(this.pods.remove(podId(pod)));
  }

  /** A pod is about to get these addresses: before its first packet, and before its status says so. */
  announce(pod: Pod, addresses: readonly Address[]): void {
    this.follow(this.pods.announce(pod, addresses));
  }

  /** Takes an announcement back, by the pod's uid; addresses in the pod's status stay. */
  retract(id: string): void {
    this.signer.mark(this.pods.retract(id));
  }

  setPolicy(policy: NetworkPolicy): void {
    const retain = (query: Query): Term => this.terms.retain(query);
    this.policies.set(policyKey(policy), compileNetworkPolicy(policy, retain));
  }

  removePolicy(policy: NetworkPolicy): void {
    this.policies.delete(policyKey(policy));
  }

  setClusterPolicy(policy: ClusterNetworkPolicy): void {
    const retain = (query: Query): Term => this.terms.retain(query);
    this.policies.set(policyKey(policy), compileClusterPolicy(policy, retain));
  }

  removeClusterPolicy(policy: ClusterNetworkPolicy): void {
    this.policies.delete(policyKey(policy));
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

  /** The class of an address, of whatever it is, after the last drain. */
  classAt(address: Address): AddressClass {
    return (
      this.pods.slots.get(formatAddress(address))?.class ??
      this.outside.classAt(address) ??
      this.strangers.outsiderClass(address.family)
    );
  }

  /** The ports that a subject's policies admit with a peer, after the last drain; `undefined` where none selects. */
  admitted(direction: Direction, subject: AddressClass, peer: AddressClass): Region | undefined {
    return this.admissions.regionOf(direction, subject, peer);
  }

  private settle(): void {
    this.settleTerms();
    const { policies, names } = this.policies.takeChanges();
    for (const name of names) this.touchPortName(name);
    for (const record of this.dirtyPods) this.evaluatePod(record);
    this.dirtyPods.clear();
    // Before, for what a policy that is gone selected; after, for what a new one selects.
    for (const policy of policies) this.consequences.policyChanged(policy);
    this.signer.flush();
    this.outside.flush();
    for (const policy of policies) this.consequences.policyChanged(policy);
    this.classes.sweep();
    this.admissions.flush();
    this.portSets.sweep();
  }

  private follow({ record, slots }: ReturnType<PodTable['set']>): void {
    this.dirtyPods.add(record);
    this.signer.mark(slots);
  }

  private touchNamespace(name: string): void {
    this.labels.delete(name);
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
      this.strangers.removeTerm(term);
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
      this.strangers.addTerm(term);
      this.outside.addBlock(term);
      this.signer.markBlock(term);
    } else if (isPods(term)) {
      for (const record of this.askedBy(term)) {
        // It is about to be asked everything.
        if (this.dirtyPods.has(record) || !term.query.pods.matches(record.pod.metadata.labels))
          continue;
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

  /** The pods of the namespaces that the query means: pods of one whose labels changed are asked everything anyway. */
  private *askedBy({ query: { namespace } }: Term<PodQuery>): Generator<PodRecord> {
    const names = typeof namespace === 'string' ? [namespace] : this.pods.namespaces();
    for (const name of names) {
      const isMeant = typeof namespace === 'string' || namespace.matches(this.labelsOf(name));
      if (isMeant) yield* this.pods.inNamespace(name);
    }
  }

  private matches({ query }: Term<PodQuery>, { namespace, pod }: PodRecord): boolean {
    return matchesPod(query, namespace, {
      namespace: this.labelsOf(namespace),
      pod: pod.metadata.labels,
    });
  }

  private labelsOf(namespace: string): StringMap {
    const known = this.labels.get(namespace) ?? namespaceLabels(this.namespaces, namespace);
    this.labels.set(namespace, known);
    return known;
  }
}

/** Names of NetworkPolicies have a namespace, so both kinds have keys of their own. */
function policyKey(policy: NetworkPolicy | ClusterNetworkPolicy): string {
  return keyOf(policy);
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
