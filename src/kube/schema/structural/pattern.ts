/** Compiled patterns; as many as the definitions of a cluster have. */
const compiled = new Map<string, RegExp>();
/** Beyond it all are forgotten: definitions come and go. */
const mostCompiled = 10_000;

/** Flags that Go lets a pattern begin with, `(?i)`: JavaScript has them beside it. */
const leadingFlags = /^\(\?([ims]+)\)/;

/** What must be escaped in a pattern for JavaScript (SyntaxCharacter and `/` of ECMA-262). */
const syntax = /[\^$\\.*+?()[\]{}|/]/;

/**
 * The pattern without what only Go allows, and Go's words where JavaScript has others: a punctuation mark may be escaped
 * though it means nothing, `\A` and `\z` are the text's beginning and end, a named group begins with `(?P<`.
 */
function translated(pattern: string): string {
  let isInClass = false;
  return pattern.replaceAll(/\\[^]|\(\?P<|[[\]]/gu, (part) => {
    if (part === '(?P<') return '(?<';
    if (part === '[' || part === ']') {
      isInClass = part === '[';
      return part;
    }
    const escaped = part.slice(1);
    if (escaped === 'A' && !isInClass) return '(?<![^])';
    if (escaped === 'z' && !isInClass) return '(?![^])';
    if (/\w/.test(escaped) || syntax.test(escaped)) return part;
    return escaped === '-' && isInClass ? part : escaped;
  });
}

/**
 * Compiles a `pattern` of a schema, which is in the syntax of Go's regexp package (RE2).
 * @throws SyntaxError for what JavaScript cannot say
 */
export function compilePattern(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const flags = leadingFlags.exec(pattern)?.[1] ?? '';
  const made = new RegExp(translated(pattern.replace(leadingFlags, '')), `u${flags}`);
  if (compiled.size >= mostCompiled) compiled.clear();
  compiled.set(pattern, made);
  return made;
}
