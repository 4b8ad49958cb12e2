/**
 * Waits for `work`, or for `signal`, whichever comes first; what `work` comes to afterwards is nobody's any more.
 * @throws the signal's reason once it is aborted
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What an aborted wait fails with. */
export class Aborted extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Aborted';
  }
}
