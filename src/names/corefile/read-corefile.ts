import type { NamesConfig, ServerBlock } from '../config.ts';
import { directives } from './directives/all.ts';
import { readZone, type BlockDraft, type Reading } from './reading.ts';
import { readSyntax, type Line, type SyntaxBlock } from './syntax.ts';
import type { CorefileError, Token } from './token.ts';

/**
 * A Corefile, understood, with what in it changes nothing here; or everything that is wrong with it. Both in the order of
 * the text.
 */
export type CorefileResult =
  | { readonly ok: true; readonly config: NamesConfig; readonly notices: readonly CorefileError[] }
  | { readonly ok: false; readonly errors: readonly CorefileError[] };

const readers = new Map(directives.map((reader) => [reader.name, reader]));
/** May be given more than once in a block. */
const repeatable = new Set(['rewrite', 'forward']);

const DNS_PORT = '53';

/** `.:53`, `example.org`, `dns://.`, `10.0.0.0/8`: the zones. */
function readKey(token: Token, report: Reading['report']): readonly string[] {
  const text = token.text.replace(/^dns:\/\//, '');
  const [, zone = text, port = DNS_PORT] = /^([^:]*)(?::(\d+))?$/.exec(text) ?? [];
  if (text.includes('://') || port !== DNS_PORT) {
    report(token, `${JSON.stringify(token.text)}: only plain DNS on port 53 is served`);
  }
  return zone === '' ? ['.'] : readZone({ ...token, text: zone }, { report });
}

function emptyBlock(zones: readonly string[]): BlockDraft {
  return {
    zones,
    hasLoop: false,
    hasReload: false,
    isBalanced: false,
    rewrites: [],
    forwards: [],
  };
}

function readDirective(line: Line, reading: Reading, seen: Set<string>): void {
  const { name } = line;
  const reader = readers.get(name.text);
  if (reader === undefined) {
    reading.report(name, `unknown directive ${JSON.stringify(name.text)}`);
    return;
  }
  if (seen.has(name.text) && !repeatable.has(name.text)) {
    reading.report(name, `${name.text} is there twice`);
    return;
  }
  seen.add(name.text);
  reader.read(line, reading);
}

function readBlock({ keys, lines }: SyntaxBlock, context: Omit<Reading, 'block'>): ServerBlock {
  const block = emptyBlock(keys.flatMap((key) => readKey(key, context.report)));
  const seen = new Set<string>();
  for (const line of lines) readDirective(line, { ...context, block }, seen);
  const autopath = lines.find(({ name }) => name.text === 'autopath');
  if (autopath !== undefined && block.kubernetes?.pods !== 'verified') {
    context.report(autopath.name, 'autopath needs `pods verified` in the kubernetes directive');
  }
  return block;
}

function inOrder(places: readonly CorefileError[]): CorefileError[] {
  return places.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/**
 * Reads a Corefile. `files` are those it may name, by path. All errors are told, not the first alone; none of it is used
 * when there are any.
 */
export function readCorefile(
  text: string,
  files: ReadonlyMap<string, string> = new Map(),
): CorefileResult {
  const { blocks: syntax, errors: syntaxErrors } = readSyntax(text);
  if (syntaxErrors.length > 0) return { ok: false, errors: syntaxErrors };
  const errors: CorefileError[] = [];
  const notices: CorefileError[] = [];
  const report = ({ line, column }: Token, message: string): void => {
    errors.push({ line, column, message });
  };
  const note = ({ line, column, text }: Token, why: string): void => {
    notices.push({ line, column, message: `${text} has no effect here because ${why}` });
  };
  if (syntax.length === 0) errors.push({ line: 1, column: 1, message: 'there is no server block' });
  const blocks = syntax.map((one) => readBlock(one, { files, report, note }));
  const seen = new Map<string, number>();
  for (const [index, { zones }] of blocks.entries()) {
    const at = syntax[index]?.keys[0];
    for (const zone of zones) {
      const first = seen.get(zone);
      if (at !== undefined && first !== undefined) {
        report(at, `zone ${zone} is served already, from line ${first}`);
      }
      seen.set(zone, at?.line ?? 0);
    }
  }
  if (errors.length === 0) return { ok: true, config: { blocks }, notices: inOrder(notices) };
  return { ok: false, errors: inOrder(errors) };
}
