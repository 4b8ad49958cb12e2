import {
  forbidden,
  podKind,
  priorityClassKind,
  type PodSpec,
  type PriorityClass,
} from '../../kube/index.ts';
import type { AdmissionPlugin, AdmissionReader, AdmissionRequest } from './contract.ts';
import { created } from './requests.ts';

type Preemption = PodSpec['preemptionPolicy'];

/** What a class, or having none, comes to. */
interface Resolved {
  readonly className?: string;
  readonly priority: number;
  readonly preemptionPolicy: Preemption;
}

const noClass: Resolved = { priority: 0, preemptionPolicy: 'PreemptLowerPriority' };

/** The two classes that every cluster has, stored or not (`pkg/apis/scheduling/types.go`). */
const systemClasses = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
]);

function resolved({ metadata, value, preemptionPolicy }: PriorityClass): Resolved {
  return {
    className: metadata.name,
    priority: value,
    preemptionPolicy: preemptionPolicy ?? 'PreemptLowerPriority',
  };
}

/** Resolves a pod's priority class to its number; without one the cluster's default class counts, else it is 0. */
export class Priority implements AdmissionPlugin {
  readonly name = 'Priority';
  private readonly reader: AdmissionReader;

  constructor(reader: AdmissionReader) {
    this.reader = reader;
  }

  async admit(request: AdmissionRequest): Promise<undefined> {
    const pod = created(request, podKind);
    if (pod === undefined) return;
    const { spec } = pod;
    const { className, priority, preemptionPolicy } = await this.resolve(spec, request.name);
    if (spec.priority !== undefined && spec.priority !== priority) {
      throw forbidden(
        podKind,
        request.name,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
      );
    }
    if (className !== undefined) spec.priorityClassName = className;
    spec.priority = priority;
    spec.preemptionPolicy ??= preemptionPolicy;
  }

  private async resolve(spec: PodSpec, podName: string): Promise<Resolved> {
    const name = spec.priorityClassName ?? '';
    if (name === '') return this.defaultClass();
    const system = systemClasses.get(name);
    if (system !== undefined) return { ...noClass, className: name, priority: system };
    const found = await this.reader.get(priorityClassKind, { name });
    if (found !== undefined) return resolved(found);
    throw forbidden(podKind, podName, `no PriorityClass with name ${name} was found`);
  }

  /** Of several defaults the lowest counts, as in Kubernetes. */
  private async defaultClass(): Promise<Resolved> {
    const classes = await this.reader.list(priorityClassKind);
    const [lowest] = classes
      .filter(({ globalDefault }) => globalDefault === true)
      .toSorted((one, two) => one.value - two.value);
    return lowest === undefined ? noClass : resolved(lowest);
  }
}
