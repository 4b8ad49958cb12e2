/** What the worker is given when it starts. */
export interface WorkerStart {
  /** Written to whenever there is a command, or `stop` was set. */
  readonly wakeFd: number;
  /** One 32-bit number: not 0 when the worker must end. */
  readonly stop: SharedArrayBuffer;
}

/** From the main thread: watch a socket, or close one. */
export type Command =
  | { readonly kind: 'watch'; readonly id: number; readonly fd: number }
  | { readonly kind: 'forget'; readonly id: number };

/** From the worker: what arrived on one socket since its last report. */
export interface Report {
  readonly id: number;
  readonly datagrams: readonly Uint8Array[];
  /** The socket's buffer overflowed: events between these datagrams are missing. */
  readonly lost: boolean;
}
