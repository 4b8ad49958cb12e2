import { Fault, messageOf } from '../../fault/index.ts';
import { pauseAfter } from './decide.ts';
import type { WaitingReason } from './records.ts';

/** The waiting reasons that users know, by the code of the fault behind them. */
const reasons: Readonly<Record<string, string>> = {
  ERR_IMAGE_PULL: 'ErrImagePull',
  ERR_IMAGE_NEVER_PULL: 'ErrImageNeverPull',
  INVALID_IMAGE_NAME: 'InvalidImageName',
  CREATE_CONTAINER_CONFIG_ERROR: 'CreateContainerConfigError',
};

/** As the kubelet looks again at what is no image's fault: a ConfigMap that is missing may come any time. */
const CONFIG_RETRY_MS = 10_000;

/** Why a container could not be started, in the kubelet's words. */
export function waitingReason(error: unknown): WaitingReason {
  const code = error instanceof Fault ? error.code : '';
  return { reason: reasons[code] ?? 'CreateContainerError', message: messageOf(error) };
}

/** How long to wait after the given number of failed starts in a row. */
export function pauseAfterFailedStart({ reason }: WaitingReason, failedStarts: number): number {
  return reason === 'ErrImagePull' ? pauseAfter(failedStarts) : CONFIG_RETRY_MS;
}

/** The reason shown while the pause after a failed pull lasts, once one pull has been repeated in vain. */
export function duringPause(failure: WaitingReason, image: string): WaitingReason {
  if (failure.reason !== 'ErrImagePull') return failure;
  return {
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "${image}": ${failure.reason}: ${failure.message}`,
  };
}
