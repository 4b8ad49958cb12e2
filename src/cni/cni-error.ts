import { Fault } from '../fault/index.ts';

/** The error codes that the specification gives a meaning ("Well-known Error Codes"); 100 and above are a plugin's own. */
export const CNI_CODE = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  ioFailure: 5,
  decodingFailure: 6,
  invalidConfiguration: 7,
  tryAgainLater: 11,
  pluginNotAvailable: 50,
  limitedConnectivity: 51,
  other: 100,
} as const;

export interface CniErrorOptions {
  /** One of {@link CNI_CODE}, or a plugin's own. */
  readonly number: number;
  readonly message: string;
  /** More words, e.g. what the kernel said. */
  readonly details?: string;
  readonly cause?: unknown;
}

/** What a plugin answers instead of a result. */
export class CniError extends Fault {
  readonly number: number;
  readonly details: string;

  constructor({ number, message, details = '', cause }: CniErrorOptions) {
    super({
      code: 'CNI_ERROR',
      // As the reference library joins the two, so that events read as people know them.
      message: details === '' ? message : `${message}; ${details}`,
      ...(cause === undefined ? {} : { cause }),
    });
    this.number = number;
    this.details = details;
  }

  /** The error as a plugin prints it. */
  toResult(cniVersion: string): Record<string, unknown> {
    const { number: code, message, details } = this;
    const msg = details === '' ? message : message.slice(0, -details.length - 2);
    return { cniVersion, code, msg, ...(details === '' ? {} : { details }) };
  }
}

/** Reads what a plugin printed when it failed; undefined when that is no error of the specification's form. */
export function readCniError(text: string): CniError | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, msg, details } = value as Record<string, unknown>;
  if (typeof code !== 'number' || typeof msg !== 'string') return undefined;
  return new CniError({
    number: code,
    message: msg,
    ...(typeof details === 'string' ? { details } : {}),
  });
}
