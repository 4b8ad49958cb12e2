import type { Container, Pod } from '../../kube/index.ts';
import { Fault } from '../../fault/index.ts';
import type { ResolvedImage, SecuritySettings } from '../../runtime/index.ts';

/** Numeric user of an image's USER, when it is a number. */
function imageUser(image: ResolvedImage): number | undefined {
  const [user = ''] = image.user.split(':');
  return /^\d+$/.test(user) ? Number(user) : undefined;
}

function checkNonRoot(pod: Pod, container: Container, image: ResolvedImage): void {
  const own = container.securityContext;
  const shared = pod.spec.securityContext;
  if ((own?.runAsNonRoot ?? shared?.runAsNonRoot) !== true) return;
  const user = own?.runAsUser ?? shared?.runAsUser ?? imageUser(image);
  if (user === 0 || (user === undefined && image.user === '')) {
    throw new Fault({
      code: 'CREATE_CONTAINER_CONFIG_ERROR',
      message: `container has runAsNonRoot and image will run as root (pod: "${pod.metadata.name}_${pod.metadata.namespace ?? 'default'}(${pod.metadata.uid ?? ''})", container: ${container.name})`,
      advice: 'Set securityContext.runAsUser, or use an image with a USER.',
    });
  }
}

/**
 * Merges the pod's and the container's security context; the container's wins field by field.
 * @throws Fault `CREATE_CONTAINER_CONFIG_ERROR` when runAsNonRoot cannot hold.
 */
export function securitySettings(
  pod: Pod,
  container: Container,
  image: ResolvedImage,
): SecuritySettings {
  checkNonRoot(pod, container, image);
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const privileged = own.privileged === true;
  const runAsUser = own.runAsUser ?? shared.runAsUser;
  const runAsGroup = own.runAsGroup ?? shared.runAsGroup;
  const seccomp = (own.seccompProfile ?? shared.seccompProfile)?.type;
  const groups = shared.supplementalGroups ?? [];
  return {
    privileged,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem === true,
    allowPrivilegeEscalation: own.allowPrivilegeEscalation !== false,
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    supplementalGroups: shared.fsGroup === undefined ? [...groups] : [...groups, shared.fsGroup],
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    seccomp: privileged || seccomp === 'Unconfined' ? 'Unconfined' : 'RuntimeDefault',
    procMount: own.procMount === 'Unmasked' ? 'Unmasked' : 'Default',
  };
}
