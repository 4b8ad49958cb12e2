import { forbidden, podKind } from '../../kube/index.ts';
import type { AdmissionPlugin, AdmissionRequest } from './contract.ts';
import { created } from './requests.ts';

/** The two classes that every cluster has (`pkg/apis/scheduling/types.go`). */
const systemClasses = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
]);

/** Resolves a pod's priority class to its number; without one it is 0. */
export class Priority implements AdmissionPlugin {
  readonly name = 'Priority';

  admit(request: AdmissionRequest): undefined {
    const pod = created(request, podKind);
    if (pod === undefined) return;
    const { spec } = pod;
    const className = spec.priorityClassName ?? '';
    const priority = className === '' ? 0 : systemClasses.get(className);
    if (priority === undefined) {
      throw forbidden(podKind, request.name, `no PriorityClass with name ${className} was found`);
    }
    if (spec.priority !== undefined && spec.priority !== priority) {
      throw forbidden(
        podKind,
        request.name,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
      );
    }
    spec.priority = priority;
    spec.preemptionPolicy ??= 'PreemptLowerPriority';
  }
}
