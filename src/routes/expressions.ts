import { createContext, Script } from 'node:vm';
import { Fault } from '../fault/index.ts';
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

/** How long an expression may look at one text, in milliseconds. */
const PATIENCE_MS = 50;
/** Steps that an expression takes in less than that, whatever they are. */
const FEW_STEPS = 1e6;

const job: { pattern?: RegExp; text?: string; found?: RegExpExecArray | null } = createContext({});
const search = new Script('found = pattern.exec(text)');
const loopCounts = new WeakMap<RegExp, number>();

/**
 * What an expression finds in a text of a client's. Expressions are authors' and go back over what they have tried: one
 * that could take more than a moment runs under a clock, which costs it a fifth of a millisecond.
 * @throws Fault `EXPRESSION_TOO_SLOW`, so that the request fails and not the engine
 */
export function findIn(pattern: RegExp, text: string): RegExpExecArray | null {
  const loops = loopCounts.get(pattern) ?? countLoops(pattern.source);
  loopCounts.set(pattern, loops);
  if (text.length ** loops <= FEW_STEPS) return pattern.exec(text);
  Object.assign(job, { pattern, text, found: null });
  try {
    search.runInContext(job, { timeout: PATIENCE_MS });
    return job.found ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Fault({
      code: 'EXPRESSION_TOO_SLOW',
      message: `the expression ${pattern.source} needs too long for a text of ${text.length} characters`,
      advice: 'Repeat no group, and let no two repetitions match the same characters.',
    });
  }
}

/** Repetitions, each of which may be tried for each of the others; infinitely many where a group is repeated. */
function countLoops(source: string): number {
  const bare = source.replace(/\\[^]|\[(?:\\[^]|[^\]\\])*\]/gu, 'x');
  if (/\)[*+{]/u.test(bare) || /\\[1-9]|\(\?<?[=!]/u.test(source)) return Number.POSITIVE_INFINITY;
  const optional = bare.replace(/\(\?/gu, '(').match(/[^*+?}]\?/gu)?.length ?? 0;
  const loops = bare.match(/[*+{]/gu)?.length ?? 0;
  return optional > 10 ? Number.POSITIVE_INFINITY : loops;
}
