import { Fault, messageOf } from '../../fault/index.ts';
import type { WaitingReason } from './records.ts';

/** The waiting reasons that users know, by the code of the fault behind them. */
const reasons: Readonly<Record<string, string>> = {
  ERR_IMAGE_PULL: 'ErrImagePull',
  ERR_IMAGE_NEVER_PULL: 'ErrImageNeverPull',
  INVALID_IMAGE_NAME: 'InvalidImageName',
  CREATE_CONTAINER_CONFIG_ERROR: 'CreateContainerConfigError',
  CONTAINER_CANNOT_RUN: 'RunContainerError',
};

/** What a second failure in a row is called while its pause lasts. */
const backOffReasons: Readonly<Record<string, string>> = {
  ErrImagePull: 'ImagePullBackOff',
  RunContainerError: 'CrashLoopBackOff',
};

/** Why a container could not be started, in the kubelet's words. */
export function waitingReason(error: unknown): WaitingReason {
  const code = error instanceof Fault ? error.code : '';
  return { reason: reasons[code] ?? 'CreateContainerError', message: messageOf(error) };
}

/** The reason shown while a pause lasts. */
export function duringPause(failure: WaitingReason, image: string): WaitingReason {
  const reason = backOffReasons[failure.reason];
  if (reason === undefined) return failure;
  const message =
    reason === 'ImagePullBackOff'
      ? `Back-off pulling image "${image}": ${failure.reason}: ${failure.message}`
      : failure.message;
  return { reason, message };
}
