/** The errno name of a failed system call, e.g. `ENOENT`; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a file system call failed because the path is not there. */
export function isMissing(error: unknown): boolean {
  const code = errnoOf(error);
  // ENOTDIR: a parent of the path became a file. ESRCH: a file of /proc whose process ended while it was read.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH';
}
