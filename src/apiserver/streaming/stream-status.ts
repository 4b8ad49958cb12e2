import { messageOf } from '../../fault/index.ts';
import { ApiError, type Status } from '../../kube/index.ts';

/** What the error channel carries: a `meta/v1 Status` without its kind. */
export type StreamStatus = Partial<Status> & Pick<Status, 'status'>;

/** How the error channel is written: as JSON since version 4 of the protocol, as the bare message before. */
export type StatusFormat = 'json' | 'text';

/** The reason and the cause are `NonZeroExitCodeReason` and `ExitCodeCauseType` of apimachinery's remotecommand. */
export function exitStatus(code: number): StreamStatus {
  if (code === 0) {
    return successStatus;
  }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

export const successStatus: StreamStatus = { metadata: {}, status: 'Success' };

/** The status of a failure after the upgrade; what is no ApiError becomes InternalError, as the kubelet words it. */
export function failureStatus(kind: 'exec' | 'attach', error: unknown): StreamStatus {
  if (error instanceof ApiError) {
    return error.status;
  }
  const doing =
    kind === 'exec' ? 'error executing command in container' : 'error attaching to container';
  const message = `Internal error occurred: ${doing}: ${messageOf(error)}`;
  return new ApiError('InternalError', message).status;
}

/** The bytes for the error channel; before version 4 success is silence. */
export function encodeStatus(status: StreamStatus, format: StatusFormat): string {
  if (format === 'json') {
    return JSON.stringify(status);
  }
  return status.status === 'Success' ? '' : (status.message ?? 'unknown error');
}
