import { podKind, type Pod, type Toleration } from '../../kube/index.ts';
import type { AdmissionPlugin, AdmissionRequest } from './contract.ts';
import { isKind } from './requests.ts';

/** How long a pod stays on a node that is lost, unless it says otherwise. */
const secondsOnLostNode = 300;

const lostNodeTaints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

function isDecided(tolerations: readonly Toleration[], taint: string): boolean {
  return tolerations.some(
    ({ key = '', effect }) =>
      (key === '' || key === taint) && (effect === undefined || effect === 'NoExecute'),
  );
}

/** Gives every pod five minutes on a node that is not ready or cannot be reached. */
export class DefaultTolerationSeconds implements AdmissionPlugin {
  readonly name = 'DefaultTolerationSeconds';

  admit(request: AdmissionRequest): undefined {
    if (!isKind(request, podKind) || request.subresource !== '' || request.object === undefined) {
      return;
    }
    const { spec } = request.object as unknown as Pod;
    const stated = spec.tolerations ?? [];
    const added = lostNodeTaints
      .filter((taint) => !isDecided(stated, taint))
      .map((key): Toleration => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: secondsOnLostNode,
      }));
    if (added.length > 0) spec.tolerations = [...stated, ...added];
  }
}
