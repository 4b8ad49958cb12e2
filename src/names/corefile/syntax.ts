import { lex } from './lex.ts';
import type { CorefileError, Token } from './token.ts';

/** One line of a block: a name, its arguments, and the lines of its own block. */
export interface Line {
  readonly name: Token;
  readonly args: readonly Token[];
  readonly block: readonly Line[];
}

/** `KEY, KEY { LINES }` */
export interface SyntaxBlock {
  readonly keys: readonly Token[];
  readonly lines: readonly Line[];
}

/** A Corefile nests directives, their options, and nothing deeper. */
const MAX_DEPTH = 3;

function isBrace(token: Token | undefined, brace: '{' | '}'): boolean {
  return token?.text === brace && !token.isQuoted;
}

class Parser {
  readonly errors: CorefileError[] = [];
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  blocks(): SyntaxBlock[] {
    const blocks: SyntaxBlock[] = [];
    while (this.at < this.tokens.length) {
      const keys = this.keys();
      if (keys === undefined) return blocks;
      blocks.push({ keys, lines: this.lines(1) });
    }
    return blocks;
  }

  private fail(token: Token | undefined, message: string): void {
    const { line, column } = token ?? this.tokens.at(-1) ?? { line: 1, column: 1 };
    this.errors.push({ line, column, message });
    this.at = this.tokens.length;
  }

  /** Everything up to the opening brace. */
  private keys(): Token[] | undefined {
    const keys: Token[] = [];
    for (;;) {
      const token = this.tokens[this.at];
      if (token === undefined || isBrace(token, '}')) {
        this.fail(token ?? keys.at(-1), 'a server block needs { after its zones');
        return undefined;
      }
      this.at += 1;
      if (isBrace(token, '{')) {
        if (keys.length > 0) return keys;
        this.fail(token, 'a server block needs a zone before its {');
        return undefined;
      }
      for (const text of token.text.split(',')) if (text !== '') keys.push({ ...token, text });
    }
  }

  /** Lines up to the closing brace. */
  private lines(depth: number): Line[] {
    const open = this.tokens[this.at - 1];
    const lines: Line[] = [];
    for (;;) {
      const token = this.tokens[this.at];
      if (token === undefined) {
        if (this.errors.length === 0) this.fail(open, 'this { is not closed');
        return lines;
      }
      this.at += 1;
      if (isBrace(token, '}')) return lines;
      if (isBrace(token, '{')) {
        this.fail(token, '{ must stand at the end of a line, after a directive');
        return lines;
      }
      lines.push(this.line(token, depth));
    }
  }

  private line(name: Token, depth: number): Line {
    const args: Token[] = [];
    for (;;) {
      const token = this.tokens[this.at];
      if (token === undefined || token.line !== name.line || isBrace(token, '}')) {
        return { name, args, block: [] };
      }
      this.at += 1;
      if (!isBrace(token, '{')) {
        args.push(token);
        continue;
      }
      if (depth === MAX_DEPTH) this.fail(token, 'blocks do not nest so deep');
      return { name, args, block: this.lines(depth + 1) };
    }
  }
}

/** Reads the structure of a Corefile; what the words mean is the directives' affair. */
export function readSyntax(text: string): {
  readonly blocks: readonly SyntaxBlock[];
  readonly errors: readonly CorefileError[];
} {
  const { tokens, errors } = lex(text);
  if (errors.length > 0) return { blocks: [], errors };
  const parser = new Parser(tokens);
  const blocks = parser.blocks();
  return { blocks, errors: parser.errors };
}
