import type { PathMatch } from './contract.ts';

/**
 * The match of a path that is a regular expression, as ingress-nginx has it: from the beginning of the path, upper and
 * lower case alike. @returns what is wrong, when it is none
 */
export function compileExpression(path: string): PathMatch | string {
  // The only inline flag that is commonly written (PCRE); it is on anyway.
  const source = path.replace(/^\(\?i\)/u, '').replace(/^\^/u, '');
  try {
    // Without the flag u: expressions written for PCRE escape more than it allows.
    // oxlint-disable-next-line require-unicode-regexp
    return { kind: 'regex', source: path, pattern: new RegExp(`^(?:${source})`, 'i') };
  } catch (error) {
    return (error as Error).message;
  }
}
