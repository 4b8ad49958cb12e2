/** A word of a Corefile and where it stands, both from 1 on. */
export interface Token {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** In quotes: never a brace. */
  readonly isQuoted: boolean;
}

/** What is wrong with a Corefile, and where. */
export interface CorefileError {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Line, column and message, as compilers write them. */
export function corefileErrorText({ line, column, message }: CorefileError): string {
  return `Corefile:${line}:${column}: ${message}`;
}
