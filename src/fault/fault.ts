/** What a {@link Fault} is made of. */
export interface FaultOptions {
  /** Stable, documented identifier in UPPER_SNAKE_CASE, e.g. `NETLINK_REFUSED`. */
  readonly code: string;
  /** What is wrong and where: the object, the field, the file and line where known. */
  readonly message: string;
  /** What the reader can do about it, as one imperative sentence. */
  readonly advice?: string;
  /** The error underneath. */
  readonly cause?: unknown;
}

/**
 * The base of every error that Portolan throws on purpose: it says what is wrong, where, and what to do.
 * Anything else that surfaces is a bug.
 */
export class Fault extends Error {
  readonly code: string;
  readonly advice: string | undefined;

  constructor(options: FaultOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = options.code;
    this.advice = options.advice;
  }
}

/** Returns the text of anything thrown: an error's message, or the value itself as a string. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
