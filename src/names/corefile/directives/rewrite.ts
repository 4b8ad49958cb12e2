import type { RewriteMatch } from '../../config.ts';
import { readName, readOptions, type DirectiveReader, type Reading } from '../reading.ts';
import type { Token } from '../token.ts';

const matches: readonly string[] = [
  'exact',
  'prefix',
  'suffix',
  'substring',
  'regex',
] satisfies RewriteMatch[];

/** `exact` names are whole ones; parts of names and expressions are taken as they are. */
function patternOf(token: Token, match: RewriteMatch, reading: Reading): string {
  if (match === 'exact') return readName(token, reading);
  if (match === 'regex') {
    try {
      RegExp(token.text);
    } catch {
      reading.report(token, `${JSON.stringify(token.text)} is no regular expression`);
    }
    return token.text;
  }
  // A suffix is compared with absolute names.
  const text = token.text.toLowerCase();
  return match === 'suffix' && !text.endsWith('.') ? `${text}.` : text;
}

/** `rewrite [continue|stop] name [MATCH] FROM TO [answer auto]` */
export const rewriteDirective: DirectiveReader = {
  name: 'rewrite',
  read(line, reading) {
    readOptions(line, reading, {});
    const words = [...line.args];
    const flow = words[0]?.text;
    if (flow === 'continue' || flow === 'stop') words.shift();
    const field = words.shift();
    if (field?.text !== 'name') {
      reading.report(field ?? line.name, 'only names are rewritten here: rewrite name ...');
      return;
    }
    const isMatch = matches.includes(words[0]?.text ?? '') && words.length > 2;
    const match = (isMatch ? words.shift()?.text : 'exact') as RewriteMatch;
    const [from, to, ...rest] = words;
    if (from === undefined || to === undefined) {
      reading.report(line.name, 'rewrite name needs the name to match and the name to ask for');
      return;
    }
    // Answers carry the client's name in any case, which is what `answer auto` asks for.
    if (rest.length > 0 && rest.map(({ text }) => text).join(' ') !== 'answer auto') {
      reading.report(rest[0] ?? to, 'after the names there is only: answer auto');
    }
    reading.block.rewrites = [
      ...reading.block.rewrites,
      {
        match,
        from: patternOf(from, match, reading),
        to: match === 'regex' ? to.text : patternOf(to, match, reading),
        goesOn: flow === 'continue',
      },
    ];
  },
};
