import { isName } from '../../dnswire/index.ts';
import { renameOwner } from '../complete.ts';
import type { RewriteMatch, RewriteRule } from '../config.ts';
import { after } from '../reply.ts';
import type { Responder } from './responder.ts';

type Rewriter = (name: string, rule: RewriteRule) => string | undefined;

/** How each kind of rule makes a new name of one in lower case; `undefined` when it does not match. */
const rewriters: Readonly<Record<RewriteMatch, Rewriter>> = {
  exact: (name, { from, to }) => (name === from ? to : undefined),
  prefix: (name, { from, to }) =>
    name.startsWith(from) ? `${to}${name.slice(from.length)}` : undefined,
  suffix: (name, { from, to }) =>
    name.endsWith(from) ? `${name.slice(0, name.length - from.length)}${to}` : undefined,
  substring: (name, { from, to }) =>
    name.includes(from) ? name.replaceAll(from, () => to) : undefined,
  regex: (name, { from, to }) => {
    const match = new RegExp(from).exec(name);
    // `{0}` is the whole match, `{1}` its first group, as in Corefiles.
    return match === null
      ? undefined
      : to.replaceAll(/\{(\d)\}/g, (_, digit: string) => match[Number(digit)] ?? '');
  },
};

function rewritten(key: string, rules: readonly RewriteRule[]): string {
  let name = key;
  for (const rule of rules) {
    const next = rewriters[rule.match](name, rule);
    if (next === undefined) continue;
    name = next.endsWith('.') ? next : `${next}.`;
    if (!rule.goesOn) break;
  }
  return name;
}

/** Asks for another name than the client did; the records it gets carry the client's name. */
export function rewriteResponder(rules: readonly RewriteRule[]): Responder {
  return (query, chain) => {
    const name = rewritten(query.key, rules);
    if (name === query.key || !isName(name)) return chain.next(query);
    const found = chain.next({ ...query, name, key: name });
    const step = {
      responder: 'rewrite',
      name: query.name,
      reason: 'REWRITTEN',
      object: name,
    } as const;
    return after(step, renameOwner(found, name, query.name));
  };
}
